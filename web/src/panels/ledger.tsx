import {useEffect, useState} from 'preact/hooks';
import type {ClaimRow, LedgerLists} from '../types';
import {api} from '../api';
import {sayPromise} from '../text/words';
import {Fault, N, save, T, useHere, useWords} from '../ui';

function Claim({claim, renew}: {claim: ClaimRow; renew: () => void}) {
  const {session} = useHere(), {w} = useWords(), [evidence, setEvidence] = useState(''), [fault, setFault] = useState<unknown>(null);
  const word = (reject: boolean) => api.review(claim.id, {evidence, reject}).then(renew, setFault);
  const keys = (e: KeyboardEvent) => { if (e.target === e.currentTarget && evidence && (e.key === 'a' || e.key === 'r')) void word(e.key === 'r'); };
  return <li tabIndex={0} onKeyDown={keys}><q dir="auto">{claim.quote}</q> <span class="quiet">{claim.type} · {claim.stage} · {w('then')}: {claim.verdict?.then ?? claim.proposed.then} · {w('now')}: {claim.verdict?.now ?? claim.proposed.now}</span>
    {session.role === 'reviewer' && claim.stage !== 'published' && claim.stage !== 'rejected' && <div class="row"><input aria-label={w('evidence')} placeholder={w('evidence')} value={evidence} onInput={e => setEvidence(e.currentTarget.value)} /><button type="button" disabled={!evidence} onClick={() => void word(false)}>{w('accept')}</button><button type="button" disabled={!evidence} onClick={() => void word(true)}>{w('reject')}</button></div>}
    <Fault of={fault} /></li>;
}
export function Ledger() {
  const {q, offers} = useHere(), {w} = useWords(), [lists, setLists] = useState<LedgerLists | null>(null), [fault, setFault] = useState<unknown>(null);
  const renew = () => { if (offers.offers.ledger) api.ledger(q.day).then(setLists, setFault); };
  useEffect(renew, [q.day, q.lang]);
  if (!offers.offers.ledger) return <p>{w('absent')}</p>;
  return <div><Fault of={fault} />{lists && <><table><thead><tr><th>{w('due')}</th><th>{w('what')}</th><th>{w('state')}</th></tr></thead><tbody>{lists.milestones.map(m => <tr key={m.id} class={m.state}><td class="num"><N>{m.due || '—'}</N></td><td><T>{m.title}</T>: <T>{m.what}</T></td><td>{sayPromise(q.lang, m.state)}</td></tr>)}</tbody></table>
    {lists.claims.length > 0 && <><h2>{w('claims')}</h2><ul class="claims">{lists.claims.map(c => <Claim key={c.id} claim={c} renew={renew} />)}</ul></>}
    <button type="button" onClick={() => save(`ledger-${lists.as_of}.json`, JSON.stringify(lists, null, 2))}>{w('download')}: JSON</button></>}</div>;
}
