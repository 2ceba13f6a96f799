import {sayState} from '../text/words';
import {N, save, T, useHere, useWords} from '../ui';

export function StatusBoard() {
  const {status, q} = useHere(), {w, place, lang, said} = useWords();
  const order = ['closed', 'restricted', 'bilateral', 'unknown', 'open', 'under_construction', 'planned'];
  const rows = [...status].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || place(a.object).localeCompare(place(b.object), lang));
  if (!status.length) return <p role="status">{w('working')}</p>;
  return <div><table><thead><tr><th>{w('place')}</th><th>{w('state')}</th><th>{w('confirmed')}</th></tr></thead><tbody>{rows.map(s => <tr key={s.kind + s.object + s.mode}><td>{place(s.object)} {s.mode && <span class="quiet">{sayState(lang, s.mode)}</span>}{s.reason && <p class="quiet"><T>{s.reason}</T></p>}</td>
    <td title={said(s.words)}><span class={`dot ${s.state}`} aria-hidden="true" />{sayState(lang, s.state)}{s.state === 'unknown' && <span class="quiet"> ({sayState(lang, s.last_state)}?)</span>}</td><td class="date"><N>{s.confirmed_on}</N></td></tr>)}</tbody></table>
    <button type="button" onClick={() => save(`status-${q.day || 'today'}.json`, JSON.stringify(status, null, 2))}>{w('download')}: JSON</button></div>;
}
