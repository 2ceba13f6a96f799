// Requests to the server; a problem comes back as one error with its remedy.
import {learn, spoken} from './said';
import type {Answer, Atlas, Compared, Decided, Job, LedgerLists, Offers, Session, Solved, Status} from './types';
import type {Question} from './state';

export class Problem extends Error {
  constructor(readonly status: number, readonly what: string, readonly remedy: string) { super(`${what}. ${remedy}`); }
}
const embedded = location.pathname.startsWith('/embed/');
const base = '/api/v1';
let csrf = '';

async function ask<T>(method: string, path: string, body?: BodyInit | object, head: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const lang = spoken(), raw = body === undefined || body instanceof Blob || typeof body === 'string';
  const answer = await fetch(base + path, {
    method, signal, credentials: embedded ? 'omit' : 'same-origin',
    body: body === undefined ? undefined : raw ? (body as BodyInit) : JSON.stringify(body),
    headers: {'Accept-Language': lang, ...(raw ? {} : {'Content-Type': 'application/json'}), ...(csrf && method !== 'GET' ? {'X-Serai-CSRF': csrf} : {}), ...head},
  }).catch((fault: unknown) => { if (signal?.aborted) throw fault; throw new Problem(0, 'gone', ''); });
  if (answer.status === 204) return undefined as T;
  const content = await answer.json().catch(() => ({detail: answer.statusText, remedy: ''}));
  if (!answer.ok) throw new Problem(answer.status, content.detail ?? answer.statusText, content.remedy ?? '');
  learn(lang, content);
  return content as T;
}
const changes = (q: Question) => ({as_of: q.day || null, scenario: q.scenario || null, ops: q.ops, overlays: q.overlays});

let solving: Promise<unknown> = Promise.resolve();
const painted = () => new Promise<void>(done => { requestAnimationFrame(() => setTimeout(done, 50)); setTimeout(done, 500); }); // a page in the background paints nothing

export const api = {
  offers: () => ask<Offers>('GET', '/packages'),
  atlas: (name: string) => ask<Atlas>('GET', `/packages/${encodeURIComponent(name)}`),
  status: (day: string) => ask<{as_of: string; entries: Status[]}>('GET', `/status${day ? `?as_of=${day}` : ''}`),
  routes: (q: Question, signal?: AbortSignal) => ask<Answer>('POST', '/routes', {
    ...changes(q), origin: q.from, destination: q.to, commodity: q.commodity, k: q.k, by: q.by, avoid: q.avoid,
    container: q.container || null,
  }, {}, signal),
  solve: (q: Question, signal?: AbortSignal) => { const solved = ask<Solved>('POST', '/solve', changes(q), {}, signal); solving = solved.then(painted, () => undefined); return solved; },
  /** Wait until gains that are asked for are on screen: what a page shows beside them must not hold them up. */
  afterSolving: () => solving,
  health: () => fetch('/healthz').then(a => a.json()) as Promise<{ready: {routes: number; solve: number}; seconds: number}>,
  compare: (q: Question, signal?: AbortSignal) => ask<Compared>('POST', '/compare', {
    a: {as_of: q.against || q.day || null, scenario: q.beside || null, overlays: q.beside || q.against ? q.overlays : []}, b: changes(q), commodity: q.commodity, pairs: q.from && q.to && q.from !== q.to ? [[q.from, q.to]] : []}, {}, signal),
  decision: (day: string) => ask<{decision: Decided | null}>('GET', `/decision${day ? `?as_of=${day}` : ''}`),
  decide: (day: string) => ask<Job>('POST', '/jobs', {decision: {as_of: day || null}}),
  check: (text: string, date: string) => ask<Record<string, unknown>>('POST', '/check', {text, date: date || null}),
  intake: (text: string, date: string) => ask<{found: number; written: number}>('POST', '/articles', {text, date: date || null}),
  ledger: (day: string) => ask<LedgerLists>('GET', `/ledger${day ? `?as_of=${day}` : ''}`),
  review: (claim: string, word: object) => ask<{stage: string}>('POST', `/ledger/${encodeURIComponent(claim)}/review`, word),
  upload: (file: File) => ask<{id: string; rows_changed: Record<string, number>}>('POST', '/overlays', file, {
    'Content-Type': 'application/octet-stream', 'X-File-Name': file.name.replace(/[^\w .()-]+/g, '_')}),
  report: (day: string, overlays: string[]) => ask<Job>('POST', '/jobs', {report: {as_of: day || null, overlays}}),
  job: (id: string) => ask<Job>('GET', `/jobs/${id}`),
  cancel: (job: string) => ask<Job>('DELETE', `/jobs/${job}`),
  resultOf: (job: string) => `${base}/jobs/${job}/result`,
  eventsOf: (job: string) => new EventSource(`${base}/jobs/${job}/events`),
};

/** Take up the session of this browser; a key in the address is exchanged for one and taken out of it. */
export async function enter(): Promise<Session> {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key) {
    history.replaceState(null, '', location.pathname + location.search);
    const opened = await ask<Session>('POST', '/session', {token: key}).catch(() => null);
    if (opened) { csrf = opened.csrf; return opened; }
  }
  const found = await ask<Session>('GET', '/session');
  csrf = found.csrf;
  return found;
}
