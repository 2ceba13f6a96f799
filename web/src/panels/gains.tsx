import {useEffect, useState} from 'preact/hooks';
import type {Solved} from '../types';
import {api} from '../api';
import {gainsChart} from '../chart';
import {rough} from '../format';
import {Chart, Fault, N, save, T, useHere, useWords} from '../ui';

export function Gains() {
  const {q, offers} = useHere(), {w, n, country, said} = useWords();
  const [solved, setSolved] = useState<Solved | null>(null), [fault, setFault] = useState<unknown>(null), [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!offers.offers.trade) return;
    const stop = new AbortController();
    setBusy(true); setFault(null);
    api.solve(q, stop.signal).then(s => { setSolved(s); setBusy(false); }, e => { if (!stop.signal.aborted) { setFault(e); setSolved(null); setBusy(false); } });
    return () => stop.abort();
  }, [q.day, q.scenario, JSON.stringify(q.ops), q.overlays.join(), q.lang]);
  if (!offers.offers.trade) return <p>{w('absent')}</p>;
  const moved = (solved?.facilities ?? []).filter(f => Math.abs(f.flow_per_day - f.flow_before_per_day) > 0.5).sort((a, b) => Math.abs(b.flow_per_day - b.flow_before_per_day) - Math.abs(a.flow_per_day - a.flow_before_per_day)).slice(0, 15);
  return <div aria-busy={busy}>
    {busy && <p role="status">{w('working')}</p>}<Fault of={fault} />
    {solved && <><p class="quiet"><N>{solved.as_of}</N> · {w('against')}: <T>{solved.against}</T> · <T>{solved.unit.money}</T></p>
      <Chart draw={width => gainsChart(solved, (e, other) => country(e, said(other)), w('gain'), width)} />
      <table id="gains"><thead><tr><th>{w('place')}</th><th class="num">{w('gain')}</th><th class="num">%</th></tr></thead><tbody>{solved.gains.slice(0, 12).map(g => <tr key={g.economy}><td>{country(g.economy, said(g.name))}</td><td class="num"><N>{n(rough(g.gain_usd_m), Math.abs(g.gain_usd_m) < 10 ? 1 : 0, true)}</N></td><td class="num"><N>{n(g.gain_percent, 3, true)}</N></td></tr>)}</tbody></table>
      {moved.length > 0 && <table id="flows"><thead><tr><th>{w('place')}</th><th class="num">{w('flow')}</th><th class="num">{w('before')}</th></tr></thead><tbody>{moved.map(f => <tr key={f.facility}><td><T>{f.name}</T></td><td class="num"><N>{n(rough(f.flow_per_day))}</N> <T>{f.unit}</T></td><td class="num"><N>{n(rough(f.flow_before_per_day))}</N></td></tr>)}</tbody></table>}
      <button type="button" onClick={() => save(`gains-${solved.as_of}.json`, JSON.stringify(solved, null, 2))}>{w('download')}: JSON</button></>}
  </div>;
}
