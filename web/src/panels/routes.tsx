import type {Answer, Paper, Price, PriceLine, Route, Status} from '../types';
import {days, fine, rough} from '../format';
import {profileChart} from '../chart';
import {sayGround} from '../text/words';
import {Chart, N, save, T, useHere, useWords} from '../ui';

function Row({route, price, chosen, pick}: {route: Route; price?: Price; chosen: boolean; pick?: () => void}) {
  const {w, n, near, lang} = useWords(), arrow = lang === 'ur' ? ' ← ' : ' → ';
  return <li><button type="button" class="way" aria-pressed={chosen} onClick={pick} data-route={route.borders.join('>')}>
    <b>{route.rank}. {route.modes.map(m => w(m as 'road')).join(' + ')}</b> <span>{route.borders.map(near).join(arrow) || w('noBorder')}</span>
    <span class="figures"><N>{n(rough(route.cost_usd_per_feu))}</N> {w('perFeu')} · <N>{n(rough(days(route.time_h_p10)))}–{n(rough(days(route.time_h_p90)))}</N> {w('days')} · <N>{n(route.distance_km)}</N> {w('km')}</span>
    {price && <span class="figures">{w('oneBox')} <N>{price.container}</N>: <Whole of={price} /></span>}
    <span class="quiet"><T>{route.difference}</T></span>
  </button></li>;
}

/** The price of a container, rounded to what its range supports, and that range. */
function Whole({of}: {of: Price}) {
  const {n} = useWords();
  return <N>{n(rough(of.usd))} USD ({n(rough(of.usd_p10))}–{n(rough(of.usd_p90))})</N>;
}

function Lines({lines, title}: {lines: PriceLine[]; title?: string}) {
  const {n, lang} = useWords();
  if (!lines.length) return null;
  return <tbody>{title && <tr><th colSpan={4} scope="rowgroup">{title}</th></tr>}
    {lines.map((l, i) => <tr key={i}><td><T>{l.what}</T></td><td class="num"><N>{n(l.usd)}</N></td><td class="num"><N>{n(l.usd_p10)}–{n(l.usd_p90)}</N></td><td class="quiet">{sayGround(lang, l.basis)} <N>{l.as_of}</N></td></tr>)}</tbody>;
}

function PriceTable({price}: {price: Price}) {
  const {w, n, lang} = useWords(), air = price.air_benchmark;
  return <details open><summary>{w('lines')}: <Whole of={price} /></summary>
    <p class="quiet"><N>{n(price.load_t, Number.isInteger(price.load_t) ? 0 : 1)}</N> {w('tonnes')}: <T>{price.goods}</T>; {w('goodsWorth')} <N>{n(rough(price.value_usd))} USD</N></p>
    <table><thead><tr><th>{w('what')}</th><th class="num"><N>USD</N></th><th class="num"><N>P10–P90</N></th><td /></tr></thead>
      <Lines lines={price.lines} /><Lines lines={price.options} title={w('beside')} /><Lines lines={price.deposits} title={w('returned')} /></table>
    <p class="quiet">{w('notIncluded')}:</p><ul class="quiet">{price.not_included.map(t => <li key={t}><T>{t}</T></li>)}</ul>
    <p class="quiet">{w('byAir')}: <N>{n(rough(air.usd))} USD ({n(rough(air.usd_low))}–{n(rough(air.usd_high))})</N>, <N>{n(air.days)}</N> {w('days')} ({sayGround(lang, air.basis)})</p>
  </details>;
}

function PaperRow({of: p}: {of: Paper}) {
  const {w, n, near, country, said, lang} = useWords(), unit = said(p.limit_unit ?? '');
  return <li>{p.place ? near(p.place) : country(p.country)}: <T>{p.what}</T>
    {p.limit !== null && <>: <bdi dir="auto" lang={unit === p.limit_unit ? 'en' : lang}>{n(p.limit, Number.isInteger(p.limit) ? 0 : 1)} {unit}</bdi></>}
    {p.authority && <> (<N>{p.authority}</N>)</>}{p.days !== null && <> · <N>{n(p.days)}</N> {w('days')}</>}{p.fee_usd !== null && <> · <N>{n(p.fee_usd)} USD</N></>}
    {p.usable_by && <> · {w('usableBy')} {p.usable_by.map(c => country(c)).join(', ')}</>}
    <span class="quiet">{p.issuer && <> · <T>{p.issuer}</T></>} · {sayGround(lang, p.basis)}</span></li>;
}

function Details({answer, index}: {answer: Answer; index: number}) {
  const {w, n, near, lang} = useWords(), route = answer.routes[index], price = answer.prices?.[index];
  return <div class="details">
    <p><N>{n(100 * (route.evidence.cost_share.assumed ?? 0))}%</N> {w('assumed')}</p>
    <details open><summary>{w('profile')}</summary><Chart draw={width => profileChart(route.legs, {km: w('km'), days: w('days'), usd: 'USD/t'}, width)} from={[route, lang]} /></details>
    {route.warnings.length > 0 && <details><summary>{w('warnings')} ({route.warnings.length})</summary><ul>{route.warnings.map(t => <li key={t}><T>{t}</T></li>)}</ul></details>}
    {index === 0 && answer.why && answer.why.break_evens.length > 0 && <details><summary>{w('why')}</summary><ul>{answer.why.break_evens.map(b => <li key={b.what + b.object + b.on_best}><T>{b.what}</T> {b.object && near(b.object)}: <N>{n(b.now, fine(b.now))} → {n(b.flips_at, fine(b.now))}</N> <T>{b.unit}</T></li>)}</ul></details>}
    {price && <PriceTable price={price} />}
    <details><summary>{w('papers')} ({route.papers.length})</summary><ul>{route.papers.map(p => <PaperRow key={p.id} of={p} />)}</ul></details>
  </div>;
}

function States({of, title, open}: {of: Status[]; title: string; open: boolean}) {
  const {near, n} = useWords();
  if (!of.length) return null;
  return <details class="states" open={open}><summary>{title} (<N>{n(of.length)}</N>)</summary><ul>{of.map(s => <li key={s.kind + s.object + s.mode}>{near(s.object)}: <T>{s.words}</T>{s.reason && <span class="quiet"> <T>{s.reason}</T></span>}</li>)}</ul></details>;
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
    <ol class="ways" onKeyDown={turn}>{answer.routes.map((r, i) => <Row key={i} route={r} price={answer.prices?.[i]} chosen={i === q.chosen} pick={() => set({chosen: i})} />)}</ol>
    {answer.routes[q.chosen] && <Details answer={answer} index={q.chosen} />}
    <States of={answer.unknown} title={w(answer.unknown_decides ? 'decides' : 'decidesNot')} open={answer.unknown_decides === true} />
    {([['ifOpen', answer.if_open], ['ifShut', answer.if_shut]] as const).map(([word, list]) => list && <details key={word}><summary>{w(word)}</summary>{list.length ? <ol class="ways">{list.map((r, i) => <Row key={i} route={r} chosen={false} />)}</ol> : <p>{w('noRoute')}</p>}</details>)}
    <States of={answer.shut} title={w('shutNow')} open={false} />
    {answer.left_out.length > 0 && <p class="quiet">{w('leftOut')}: {answer.left_out.map(near).join(', ')}</p>}
    <button type="button" onClick={() => save(`routes-${answer.origin}-${answer.destination}-${answer.as_of}.json`, JSON.stringify(answer, null, 2))}>{w('download')}: JSON</button>
  </div>;
}
