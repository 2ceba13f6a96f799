import {useEffect, useState} from 'preact/hooks';
import type {Facility, Solved} from '../types';
import {api} from '../api';
import {gainsChart} from '../chart';
import {NO_GAIN, rough} from '../format';
import {Chart, Fault, marked, N, save, T, useHere, useWords, Working} from '../ui';

const MOST = 12;
const moved = (all: Facility[], ports: boolean) => all.filter(f => f.facility.startsWith('port:') === ports && Math.abs(f.flow_per_day - f.flow_before_per_day) > 0.5)
  .sort((a, b) => Math.abs(b.flow_per_day - b.flow_before_per_day) - Math.abs(a.flow_per_day - a.flow_before_per_day)).slice(0, MOST);

function Flows({id, of}: {id: string; of: Facility[]}) {
  const {w, n} = useWords();
  if (!of.length) return null;
  return <><h2>{w(id as 'flows' | 'ports')}</h2><table id={id}><thead><tr><th>{w('place')}</th><th class="num">{w('before')}</th><th class="num">{w('then2')}</th></tr></thead>
    <tbody>{of.map(f => <tr key={f.facility}><td><T>{f.name}</T></td><td class="num"><N>{n(rough(f.flow_before_per_day))}</N></td><td class="num"><N>{n(rough(f.flow_per_day))}</N> {w(f.unit.startsWith('TEU') ? 'teu' : 'tonnes')}</td></tr>)}</tbody></table></>;
}

/** Who gains and what flows where under the case of the address. */
export function Outcome() {
  const {atlas, q, offers} = useHere(), {w, n, country, lang} = useWords();
  const [solved, setSolved] = useState<Solved | null>(null), [fault, setFault] = useState<unknown>(null), [busy, setBusy] = useState(false), [turn, setTurn] = useState(0);
  const changed = q.ops.length > 0 || q.scenario !== '' || q.overlays.length > 0;
  useEffect(() => {
    const stop = new AbortController();
    setBusy(true); setFault(null);
    api.solve(q, stop.signal).then(s => { setSolved(s); setBusy(false); }, e => { if (!stop.signal.aborted) { setFault(e); setSolved(null); setBusy(false); } });
    return () => stop.abort();
  }, [q.day, q.scenario, JSON.stringify(q.ops), q.overlays.join(), q.lang, turn]);
  useEffect(() => { if (solved) marked('gains'); }, [solved]);
  if (!offers.offers.trade) return <p>{w('absent')}</p>;
  const gains = solved?.gains.filter(g => Math.abs(g.gain_usd_m) >= NO_GAIN).slice(0, MOST) ?? [];
  return <div aria-busy={busy} class={busy && solved ? 'stale' : ''}>
    {busy && <Working>{q.overlays.length > 0 && w('anew')}</Working>}<Fault of={fault} />{fault ? <button type="button" onClick={() => setTurn(turn + 1)}>{w('again')}</button> : null}
    {solved && <><p class="quiet"><N>{solved.as_of}</N>; {changed ? w('sameDay') : <>{w('baseDay')} <N>{atlas.base_date}</N></>} · <T>{solved.unit.money}</T></p>
      {gains.length === 0 ? <p id="nogain">{w('noGain')}</p> : <>
        <Chart draw={width => gainsChart(solved, country, w('gain'), width)} from={[solved, lang]} />
        <table id="gains"><thead><tr><th>{w('country')}</th><th class="num">{w('gain')}</th><th class="num">{w('ofIncome')}</th></tr></thead><tbody>{gains.map(g => <tr key={g.economy}><td>{country(g.economy, g.name)}</td><td class="num"><N>{n(rough(g.gain_usd_m), Math.abs(g.gain_usd_m) < 10 ? 1 : 0, true)}</N></td><td class="num"><N>{Math.abs(g.gain_percent) < 0.0005 ? '≈ 0' : n(g.gain_percent, 3, true)}%</N></td></tr>)}</tbody></table></>}
      <Flows id="flows" of={moved(solved.facilities, false)} /><Flows id="ports" of={moved(solved.facilities, true)} />
      <button type="button" onClick={() => save(`gains-${solved.as_of}.json`, JSON.stringify(solved, null, 2))}>{w('download')}: JSON</button></>}
  </div>;
}

export function Gains() {
  const {q} = useHere(), {w} = useWords();
  return <div>{q.ops.length + q.overlays.length === 0 && !q.scenario && <p>{w('nothingChanged')}</p>}<Outcome /></div>;
}
