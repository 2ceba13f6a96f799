import {useMemo, useState} from 'preact/hooks';
import type {Op} from '../types';
import {withOp} from '../state';
import {api} from '../api';
import {Fault, useHere, useWords} from '../ui';
import {Outcome} from './gains';

export function ScenarioEditor() {
  const {atlas, q, set, session} = useHere(), {w, near, place, country, lang, said} = useWords();
  const [border, setBorder] = useState(''), [row, setRow] = useState(''), [value, setValue] = useState(''), [column, setColumn] = useState('hours'), [fault, setFault] = useState<unknown>(null);
  const borders = useMemo(() => { const by = new Intl.Collator(lang).compare; return [...new Set(atlas.crossings.map(c => c.place))].map(p => [near(p), p]).sort((a, b) => by(a[0], b[0])).map(([, p]) => p); }, [atlas, lang]);
  const more = (op: Op) => set({ops: withOp(q.ops, op)});
  const ofRow = (id: string) => { const c = atlas.crossings.find(x => x.id === id); return c ? `${place(c.place)} (${w(c.mode as 'road')}, ${country(c.exit_country)} – ${country(c.entry_country)}, ${w(c.side as 'exit')})` : id; };
  const title = said(atlas.scenarios.find(s => s.name === q.scenario)?.title ?? q.scenario);
  const changed = q.ops.length > 0 || q.overlays.length > 0 || q.scenario !== '';
  const describe = (op: Op) => op.op === 'set' ? `${ofRow(op.id)}: ${op.column === 'hours' ? w('hours') : op.column === 'fee_usd_per_feu' ? w('fee') : op.column} = ${op.value}` : `${w(op.op === 'close' ? 'closed' : 'open')}: ${place(op.object)}`;
  const take = async (files: FileList | null | undefined) => {
    try { for (const file of files ?? []) { const held = await api.upload(file); set({overlays: [...new Set([...q.overlays, held.id])]}); } setFault(null); } catch (e) { setFault(e); }
  };
  return <div class="form">
    <div class="asking"><label>{w('ready')}<select value={q.scenario} onChange={e => set({scenario: e.currentTarget.value})}><option value="">—</option>{atlas.scenarios.map(s => <option key={s.name} value={s.name}>{said(s.title)}</option>)}</select></label>
      <label>{w('project')}<select id="project" value="" onChange={e => { const p = atlas.projects.find(x => x.id === e.currentTarget.value); if (p?.scenario) set({scenario: p.scenario}); else if (p) more({op: 'open', object: p.id, mode: ''}); }}><option value="">—</option>{atlas.projects.filter(p => p.scenario || atlas.links.some(l => l.project === p.id)).map(p => <option key={p.id} value={p.id}>{said(p.name)}</option>)}</select></label>
      <label>{w('aBorder')}<select id="border" value={border} onChange={e => setBorder(e.currentTarget.value)}><option value="">—</option>{borders.map(b => <option key={b} value={b}>{place(b)}</option>)}{Object.keys(atlas.passages).map(p => <option key={p} value={p}>{place(p)}</option>)}</select></label>
      <div class="buttons"><button type="button" id="shut" disabled={!border} onClick={() => more({op: 'close', object: border, mode: ''})}>{w('shut')}</button><button type="button" disabled={!border} onClick={() => more({op: 'open', object: border, mode: ''})}>{w('reopen')}</button></div></div>
    {q.scenario && <p class="quiet" dir="auto">{atlas.scenarios.find(s => s.name === q.scenario)?.description[lang] ?? atlas.scenarios.find(s => s.name === q.scenario)?.description.en}</p>}
    {border && <div class="row"><select aria-label={w('border')} value={row} onChange={e => setRow(e.currentTarget.value)}><option value="">—</option>{atlas.crossings.filter(c => c.place === border).map(c => <option key={c.id} value={c.id}>{w(c.mode as 'road')}, {country(c.exit_country)} – {country(c.entry_country)}, {w(c.side as 'exit')}</option>)}</select>
      <select aria-label={w('what')} value={column} onChange={e => setColumn(e.currentTarget.value)}><option value="hours">{w('hours')}</option><option value="fee_usd_per_feu">{w('fee')}</option></select>
      <input type="number" min="0" step="any" aria-label={w(column === 'hours' ? 'hours' : 'fee')} value={value} onInput={e => setValue(e.currentTarget.value)} />
      <button type="button" disabled={!row || !(+value >= 0) || value === ''} onClick={() => more({op: 'set', table: 'crossings', id: row, column, value: +value})}>{w('add')}</button></div>}
    {changed ? <ul class="chips" aria-label={w('changes')}>{q.scenario && <li>{title} <button type="button" aria-label={`${w('remove')}: ${title}`} onClick={() => set({scenario: ''})}>×</button></li>}
      {q.ops.map((op, i) => <li key={i}><span dir="auto">{describe(op)}</span> <button type="button" aria-label={`${w('remove')}: ${describe(op)}`} onClick={() => set({ops: q.ops.filter((_, j) => j !== i)})}>×</button></li>)}
      {q.overlays.map(o => <li key={o}>{w('workbook')} <bdi dir="ltr">{o.slice(0, 8)}</bdi> <button type="button" aria-label={`${w('remove')}: ${o.slice(0, 8)}`} onClick={() => set({overlays: q.overlays.filter(x => x !== o)})}>×</button></li>)}
      <li><button type="button" onClick={() => set({ops: [], scenario: '', overlays: []})}>{w('clear')}</button></li></ul> : <p class="quiet">{w('nothingChanged')}</p>}
    {changed && <Outcome />}
    {session.role && session.role !== 'reader' && <label class="drop" onDragOver={e => e.preventDefault()} onDrop={e => { e.preventDefault(); void take(e.dataTransfer?.files); }}><span>{w('own')}</span><span class="pick">{w('pick')}</span><input class="sr" type="file" accept=".xlsx,.csv" multiple onChange={e => void take(e.currentTarget.files)} /></label>}
    <Fault of={fault} />
  </div>;
}
