// Work that takes minutes: followed wherever the page is, and taken up again after a reload.
import {useEffect, useState} from 'preact/hooks';
import {api, Problem} from './api';
import type {Job} from './types';
import {sayStep} from './text/words';
import {Fault, N, useWords} from './ui';

type Kind = 'report' | 'decision';
interface Followed { job: Job | null; fault: unknown; stream: EventSource | null; begun: boolean }
const followed: Record<Kind, Followed> = {report: {job: null, fault: null, stream: null, begun: false}, decision: {job: null, fault: null, stream: null, begun: false}};
const changed = new EventTarget();
const tell = (kind: Kind, news: Partial<Followed>) => { Object.assign(followed[kind], news); changed.dispatchEvent(new Event(kind)); };
const ended = (job: Job) => job.state !== 'waiting' && job.state !== 'running';
const gone = () => new Problem(0, 'gone', '');

function follow(kind: Kind, job: Job) {
  followed[kind].stream?.close();
  const stream = api.eventsOf(job.id), take = (e: MessageEvent<string>) => tell(kind, {job: JSON.parse(e.data) as Job, fault: null});
  sessionStorage.setItem(`job-${kind}`, job.id);
  tell(kind, {job, fault: null, stream});
  stream.addEventListener('progress', take);
  stream.addEventListener('end', e => { stream.close(); take(e); });
  stream.onerror = () => { tell(kind, {fault: gone()}); if (stream.readyState === EventSource.CLOSED) setTimeout(() => void resume(kind), 2000); }; // also when the page is left
}

/** Take up the job this page was following; forget it where the server, started again meanwhile, knows nothing of it. */
async function resume(kind: Kind): Promise<void> {
  const id = sessionStorage.getItem(`job-${kind}`);
  if (!id) return;
  try {
    const job = await api.job(id);
    if (ended(job)) tell(kind, {job, fault: null}); else follow(kind, job);
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 404) { sessionStorage.removeItem(`job-${kind}`); tell(kind, {job: null, stream: null}); } else setTimeout(() => void resume(kind), 2000);
  }
}

/** The page's one job of a kind: how far it is, what went wrong, and how to begin it. */
export function useJob(kind: Kind): {job: Job | null; fault: unknown; runs: boolean; begin: (start: () => Promise<Job>) => void} {
  const [, renew] = useState(0);
  useEffect(() => {
    const news = () => renew(x => x + 1);
    changed.addEventListener(kind, news);
    if (!followed[kind].begun) { followed[kind].begun = true; void resume(kind); }
    return () => changed.removeEventListener(kind, news);
  }, [kind]);
  const {job, fault} = followed[kind];
  return {job, fault, runs: job !== null && !ended(job), begin: start => { start().then(begun => follow(kind, begun), fault => tell(kind, {fault})); }};
}

/** What is being done, how far it is, how long it may still take, and a way to stop it. */
export function Progress({job, label}: {job: Job; label: string}) {
  const {w, n, lang} = useWords(), [fault, setFault] = useState<unknown>(null);
  const counted = job.of > 1 && <> <N>{n(job.done)} / {n(job.of)}</N></>;
  const left = job.left_s === null ? <N>{n(job.seconds)} {w('seconds')}</N> : <>{w('left')}: <N>~{job.left_s > 90 ? `${n(job.left_s / 60)} ${w('minutes')}` : `${n(Math.max(5, 5 * Math.round(job.left_s / 5)))} ${w('seconds')}`}</N></>;
  return <span class="job"><progress max={1} value={job.state === 'waiting' ? undefined : job.share} aria-label={label} /> <span>{job.state === 'waiting' ? w('turn') : <>{sayStep(lang, job.doing)}{counted}</>} · {left}</span> <button type="button" onClick={() => { api.cancel(job.id).catch(setFault); }}>{w('cancel')}</button><Fault of={fault} /></span>;
}
