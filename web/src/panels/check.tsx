import {useState} from 'preact/hooks';
import {api} from '../api';
import {Fault, Kind, N, save, T, useHere, useWords, Working} from '../ui';

interface Found { id: string; type: string; span: {quote: string}; verdict_then: string; verdict_now: string; materiality: string; finding: string; arithmetic: string[]; next_question: string }
export function CheckText() {
  const {session, offers} = useHere(), {w, n, judged} = useWords(), [text, setText] = useState(''), [date, setDate] = useState(''), [report, setReport] = useState<Record<string, unknown> | null>(null), [note, setNote] = useState<[number, number] | null>(null), [busy, setBusy] = useState(false), [fault, setFault] = useState<unknown>(null);
  const run = (work: Promise<void>) => { setBusy(true); setFault(null); work.catch(setFault).finally(() => setBusy(false)); };
  const found = (report?.claims ?? []) as Found[];
  return <div class="form" aria-busy={busy}><p class="quiet">{w('checkHelp')}</p><label>{w('paste')}<textarea rows={10} dir="auto" value={text} onInput={e => setText(e.currentTarget.value)} /></label>
    <label>{w('date')}<input type="date" value={date} onInput={e => setDate(e.currentTarget.value)} /></label>
    <div class="buttons"><button type="button" id="judge" disabled={!text || busy} onClick={() => run(api.check(text, date).then(setReport))}>{w('judge')}</button>
      {offers.offers.ledger && session.role && session.role !== 'reader' && <button type="button" id="keep" disabled={!text || busy} onClick={() => run(api.intake(text, date).then(r => setNote([r.found, r.written])))}>{w('keep')}</button>}</div>
    {busy && <Working />}<Fault of={fault} />{note && <p role="status">{w('claims')}: <N>{n(note[0])}</N>; {w('entered')}: <N>{n(note[1])}</N></p>}
    {report && <><p>{found.length ? <>{w('claims')}: <N>{n(found.length)}</N></> : w('noClaims')}</p><ol class="claims">{found.map(f => <li key={f.id}><q dir="auto">{f.span.quote}</q> <span class="quiet"><Kind>{f.type}</Kind></span><br />{w('then')}: <b>{judged(f.verdict_then)}</b> · {w('now')}: <b>{judged(f.verdict_now)}</b> <span class="quiet">{judged(f.materiality)}</span><p><T>{f.finding}</T></p>{f.arithmetic.length > 0 && <ul class="quiet">{f.arithmetic.map(t => <li key={t}><T>{t}</T></li>)}</ul>}<p class="quiet"><T>{f.next_question}</T></p></li>)}</ol>
      <button type="button" onClick={() => save('check.json', JSON.stringify(report, null, 2))}>{w('download')}: JSON</button></>}</div>;
}
