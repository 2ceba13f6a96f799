import {useEffect, useState} from 'preact/hooks';
import type {Compared} from '../types';
import {api} from '../api';
import {compareChart} from '../chart';
import {NO_GAIN, rough} from '../format';
import {Chart, Fault, N, save, T, useHere, useWords, Working} from '../ui';

/** The case of the address beside the same day without its changes, or beside another day or scenario. */
export function Compare() {
  const {atlas, q, set, offers} = useHere(), {w, n, near, country, lang, said} = useWords();
  const [found, setFound] = useState<Compared | null>(null), [fault, setFault] = useState<unknown>(null), [busy, setBusy] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    setBusy(true); setFault(null);
    api.compare(q, stop.signal).then(f => { setFound(f); setBusy(false); }, e => { if (!stop.signal.aborted) { setFault(e); setFound(null); setBusy(false); } });
    return () => stop.abort();
  }, [q.from, q.to, q.commodity, q.day, q.scenario, q.against, q.beside, JSON.stringify(q.ops), q.overlays.join(), lang]);
  const title = (name: string) => said(atlas.scenarios.find(s => s.name === name)?.title ?? name);
  const mine = [q.day || w('today'), q.scenario && title(q.scenario), q.ops.length > 0 && `${w('changes')}: ${q.ops.length}`].filter(Boolean).join(' · ');
  const side = (s: {way: string; usd_per_t: number; door_to_door_days: number} | null) => s ? <><T>{s.way}</T><br /><N>{n(rough(s.usd_per_t, 3))} USD/t</N> · <N>{n(s.door_to_door_days, 1)}</N> {w('days')}</> : w('noRoute');
  const gains = found?.gains.filter(g => Math.abs(g.gain_usd_m) >= NO_GAIN).slice(0, 12) ?? [];
  return <div aria-busy={busy} class="form">
    <p class="quiet">{w('compareHelp')}</p>
    <div class="asking"><label>A: {w('day')}<input type="date" id="against" value={q.against || q.day || offers.today} onChange={e => set({against: e.currentTarget.value})} /></label>
      <label>A: {w('scenario')}<select value={q.beside} onChange={e => set({beside: e.currentTarget.value})}><option value="">—</option>{atlas.scenarios.map(s => <option key={s.name} value={s.name}>{said(s.title)}</option>)}</select></label></div>
    <p class="quiet">B: <bdi>{mine}</bdi></p>
    {busy && <Working />}<Fault of={fault} />
    {found && <><table id="pairs"><thead><tr><th>{w('routes')}</th><th>A</th><th>B</th><th class="num">B − A, USD/t</th></tr></thead><tbody>{found.pairs.map(d => <tr key={d.origin + d.destination}><td>{near(d.origin)} – {near(d.destination)}</td><td>{side(d.a)}</td><td>{side(d.b)}</td><td class="num"><N>{n(d.change.usd_per_t, 0, true)}</N></td></tr>)}</tbody></table>
      {gains.length === 0 ? <p>{w('noGain')}</p> : <><h2>{w('gain')}: B − A</h2><Chart draw={width => compareChart(found.gains, country, w('gain'), width)} from={[found, lang]} />
        <table id="compared"><thead><tr><th>{w('country')}</th><th class="num">{w('gain')}</th></tr></thead><tbody>{gains.map(g => <tr key={g.economy}><td>{country(g.economy, g.name)}</td><td class="num"><N>{n(rough(g.gain_usd_m), Math.abs(g.gain_usd_m) < 10 ? 1 : 0, true)}</N></td></tr>)}</tbody></table></>}
      {found.facilities.some(f => Math.abs(f.flow_per_day - f.flow_before_per_day) > 0.5) && <table><thead><tr><th>{w('place')}</th><th class="num">A</th><th class="num">B</th></tr></thead><tbody>{found.facilities.filter(f => Math.abs(f.flow_per_day - f.flow_before_per_day) > 0.5).sort((a, b) => Math.abs(b.flow_per_day - b.flow_before_per_day) - Math.abs(a.flow_per_day - a.flow_before_per_day)).slice(0, 12).map(f => <tr key={f.facility}><td><T>{f.name}</T></td><td class="num"><N>{n(rough(f.flow_before_per_day))}</N></td><td class="num"><N>{n(rough(f.flow_per_day))}</N> <T>{f.unit}</T></td></tr>)}</tbody></table>}
      <button type="button" onClick={() => save(`compare-${found.a.as_of}-${found.b.as_of}.json`, JSON.stringify(found, null, 2))}>{w('download')}: JSON</button></>}
  </div>;
}
