import type {Answer, Route} from '../types';
import {days, fine, rough} from '../format';
import {profileChart} from '../chart';
import {sayGround} from '../text/words';
import {Chart, N, save, T, useHere, useWords} from '../ui';

function Row({route, chosen, pick}: {route: Route; chosen: boolean; pick?: () => void}) {
  const {w, n, near, lang} = useWords(), arrow = lang === 'ur' ? ' ← ' : ' → ';
  return <li><button type="button" class="way" aria-pressed={chosen} onClick={pick} data-route={route.borders.join('>')}>
    <b>{route.rank}. {route.modes.map(m => w(m as 'road')).join(' + ')}</b> <span>{route.borders.map(near).join(arrow) || w('noBorder')}</span>
    <span class="figures"><N>{n(rough(route.cost_usd_per_feu))}</N> {w('perFeu')} · <N>{n(rough(days(route.time_h_p10)))}–{n(rough(days(route.time_h_p90)))}</N> {w('days')} · <N>{n(route.distance_km)}</N> {w('km')}</span>
    <span class="quiet"><T>{route.difference}</T></span>
  </button></li>;
}

function Details({answer, index}: {answer: Answer; index: number}) {
  const {w, n, near, country, lang} = useWords(), route = answer.routes[index], price = answer.prices?.[index];
  return <div class="details">
    <p><N>{n(100 * (route.evidence.cost_share.assumed ?? 0))}%</N> {w('assumed')}</p>
    <details open><summary>{w('profile')}</summary><Chart draw={width => profileChart(route.legs, {km: w('km'), days: w('days'), usd: 'USD/t'}, width)} from={[route, lang]} /></details>
    {route.warnings.length > 0 && <details><summary>{w('warnings')} ({route.warnings.length})</summary><ul>{route.warnings.map(t => <li key={t}><T>{t}</T></li>)}</ul></details>}
    {index === 0 && answer.why && answer.why.break_evens.length > 0 && <details><summary>{w('why')}</summary><ul>{answer.why.break_evens.map(b => <li key={b.what + b.object + b.on_best}><T>{b.what}</T> {b.object && near(b.object)}: <N>{n(b.now, fine(b.now))} → {n(b.flips_at, fine(b.now))}</N> <T>{b.unit}</T></li>)}</ul></details>}
    {price && <details open><summary>{w('lines')}: <N>{n(rough(price.usd))} USD</N></summary><table><tbody>{price.lines.map((l, i) => <tr key={i}><td><T>{l.what}</T></td><td class="num"><N>{n(l.usd)}</N></td><td class="quiet">{sayGround(lang, l.basis)} <N>{l.as_of}</N></td></tr>)}</tbody></table></details>}
    <details><summary>{w('papers')} ({route.papers.length})</summary><ul>{route.papers.map(p => <li key={p.id}>{country(p.country)}: <T>{p.what}</T> {p.days !== null && <> · <N>{n(p.days)}</N> {w('days')}</>}{p.fee_usd !== null && <> · <N>{n(p.fee_usd)} USD</N></>} <span class="quiet">{sayGround(lang, p.basis)}</span></li>)}</ul></details>
  </div>;
}

export function Routes({answer}: {answer: Answer | null}) {
  const {q, set} = useHere(), {w, near} = useWords();
  if (!answer) return q.from && q.to ? null : <p>{w('choose')}</p>;
  const turn = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (step) { e.preventDefault(); set({chosen: Math.max(0, Math.min(answer.routes.length - 1, q.chosen + step))}); }
  };
  return <div>
    {answer.no_route && <p class="fault">{w('noRoute')}: <T>{answer.no_route}</T></p>}
    <ol class="ways" onKeyDown={turn}>{answer.routes.map((r, i) => <Row key={i} route={r} chosen={i === q.chosen} pick={() => set({chosen: i})} />)}</ol>
    {answer.routes[q.chosen] && <Details answer={answer} index={q.chosen} />}
    {answer.unknown.length > 0 && <p class="quiet">{w('unknown')}: {answer.unknown.slice(0, 12).map(s => near(s.object)).join(', ')}</p>}
    {([['ifOpen', answer.if_open], ['ifShut', answer.if_shut]] as const).map(([word, list]) => list && <details key={word}><summary>{w(word)}</summary>{list.length ? <ol class="ways">{list.map((r, i) => <Row key={i} route={r} chosen={false} />)}</ol> : <p>{w('noRoute')}</p>}</details>)}
    <button type="button" onClick={() => save(`routes-${answer.origin}-${answer.destination}-${answer.as_of}.json`, JSON.stringify(answer, null, 2))}>{w('download')}: JSON</button>
  </div>;
}
