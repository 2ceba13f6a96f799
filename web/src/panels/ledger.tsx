import {useEffect, useState} from 'preact/hooks';
import type {ClaimRow, LedgerLists} from '../types';
import {api} from '../api';
import {sayPromise, type Word} from '../text/words';
import {Fault, Kind, N, save, T, useHere, useWords} from '../ui';

const STAGES: Record<string, Word> = {draft: 'draft', second: 'second', published: 'published', rejected: 'rejected'};
function Claim({claim, renew}: {claim: ClaimRow; renew: () => void}) {
  const {session} = useHere(), {w, judged} = useWords(), [evidence, setEvidence] = useState(''), [fault, setFault] = useState<unknown>(null);
  const word = (reject: boolean) => api.review(claim.id, {evidence, reject}).then(renew, setFault);
  const keys = (e: KeyboardEvent) => { if (e.target === e.currentTarget && evidence && (e.key === 'a' || e.key === 'r')) void word(e.key === 'r'); };
  return <li tabIndex={0} onKeyDown={keys} aria-keyshortcuts="a r"><q dir="auto">{claim.quote}</q> <span class="quiet"><Kind>{claim.type}</Kind> · {claim.stage in STAGES ? w(STAGES[claim.stage]) : claim.stage} · {w('then')}: {judged(claim.verdict?.then ?? claim.proposed.then)} · {w('now')}: {judged(claim.verdict?.now ?? claim.proposed.now)}</span>
    {session.role === 'reviewer' && claim.stage !== 'published' && claim.stage !== 'rejected' && <div class="row"><input aria-label={w('evidence')} placeholder={w('evidence')} value={evidence} onInput={e => setEvidence(e.currentTarget.value)} /><button type="button" disabled={!evidence} onClick={() => void word(false)}>{w('accept')}</button><button type="button" disabled={!evidence} onClick={() => void word(true)}>{w('reject')}</button></div>}
    <Fault of={fault} /></li>;
}
export function Ledger() {
  const {q, offers, session} = useHere(), {w, lang} = useWords(), [lists, setLists] = useState<LedgerLists | null>(null), [busy, setBusy] = useState(false), [fault, setFault] = useState<unknown>(null);
  const renew = () => { if (!offers.offers.ledger) return; setBusy(true); setFault(null); api.ledger(q.day).then(setLists, setFault).finally(() => setBusy(false)); };
  useEffect(renew, [q.day, q.lang]);
  const titles = new Map(lists?.entries.map(e => [e.id, e.title]));
  if (!offers.offers.ledger) return <p>{w('absent')}</p>;
  return <div aria-busy={busy}><p class="quiet">{w('ledgerHelp')}</p>{busy && !lists && <p role="status">{w('working')}</p>}<Fault of={fault} />{lists && <><table><thead><tr><th>{w('due')}</th><th>{w('what')}</th><th>{w('state')}</th></tr></thead><tbody>{lists.milestones.map(m => <tr key={m.id} class={m.state}><td class="date"><N>{m.due || '—'}</N></td><td>{titles.get(m.entry)?.[lang] ?? <T>{m.title}</T>}: <T>{m.what}</T></td><td>{sayPromise(lang, m.state)}</td></tr>)}</tbody></table>
    {lists.claims.length > 0 && <><h2>{w('claims')}</h2>{session.role === 'reviewer' && <p class="quiet">{w('claimKeys')}</p>}<ul class="claims">{lists.claims.map(c => <Claim key={c.id} claim={c} renew={renew} />)}</ul></>}
    <button type="button" onClick={() => save(`ledger-${lists.as_of}.json`, JSON.stringify(lists, null, 2))}>{w('download')}: JSON</button></>}</div>;
}
