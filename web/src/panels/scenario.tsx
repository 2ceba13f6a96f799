import {useState} from 'preact/hooks';
import type {Op} from '../types';
import {withOp} from '../state';
import {api} from '../api';
import {Fault, useHere, useWords} from '../ui';

export function ScenarioEditor() {
  const {atlas, q, set, session} = useHere(), {w, near, place, lang, said} = useWords();
  const [border, setBorder] = useState(''), [row, setRow] = useState(''), [value, setValue] = useState(''), [column, setColumn] = useState('hours'), [fault, setFault] = useState<unknown>(null);
  const borders = [...new Set(atlas.crossings.map(c => c.place))].sort((a, b) => near(a).localeCompare(near(b), lang));
  const more = (op: Op) => set({ops: withOp(q.ops, op)});
  const describe = (op: Op) => op.op === 'set' ? `${op.id}: ${op.column} = ${op.value}` : `${w(op.op === 'close' ? 'closed' : 'open')}: ${place(op.object)}`;
  const take = async (files: FileList | null | undefined) => {
    try { for (const file of files ?? []) { const held = await api.upload(file); set({overlays: [...new Set([...q.overlays, held.id])]}); } setFault(null); } catch (e) { setFault(e); }
  };
  return <div class="form">
    <label>{w('ready')}<select value={q.scenario} onChange={e => set({scenario: e.currentTarget.value})}><option value="">—</option>{atlas.scenarios.map(s => <option key={s.name} value={s.name}>{said(s.title)}</option>)}</select></label>
    {q.scenario && <p class="quiet" dir="auto">{atlas.scenarios.find(s => s.name === q.scenario)?.description[lang] ?? atlas.scenarios.find(s => s.name === q.scenario)?.description.en}</p>}
    <label>{w('place')}<select id="border" value={border} onChange={e => setBorder(e.currentTarget.value)}><option value="">—</option>{borders.map(b => <option key={b} value={b}>{place(b)}</option>)}{Object.keys(atlas.passages).map(p => <option key={p} value={p}>{place(p)}</option>)}</select></label>
    <div class="buttons"><button type="button" id="shut" disabled={!border} onClick={() => more({op: 'close', object: border, mode: ''})}>{w('shut')}</button><button type="button" disabled={!border} onClick={() => more({op: 'open', object: border, mode: ''})}>{w('reopen')}</button></div>
    {border && <div class="row"><select aria-label={w('border')} value={row} onChange={e => setRow(e.currentTarget.value)}><option value="">—</option>{atlas.crossings.filter(c => c.place === border).map(c => <option key={c.id} value={c.id}>{c.mode} {c.exit_country}→{c.entry_country} {c.side}</option>)}</select>
      <select aria-label={w('what')} value={column} onChange={e => setColumn(e.currentTarget.value)}><option value="hours">{w('hours')}</option><option value="fee_usd_per_feu">{w('fee')}</option></select>
      <input type="number" min="0" step="any" aria-label={w('hours')} value={value} onInput={e => setValue(e.currentTarget.value)} />
      <button type="button" disabled={!row || !(+value >= 0) || value === ''} onClick={() => more({op: 'set', table: 'crossings', id: row, column, value: +value})}>{w('add')}</button></div>}
    <label>{w('project')}<select id="project" value="" onChange={e => { const p = atlas.projects.find(x => x.id === e.currentTarget.value); if (p?.scenario) set({scenario: p.scenario}); else if (p) more({op: 'open', object: p.id, mode: ''}); }}><option value="">—</option>{atlas.projects.filter(p => p.scenario || atlas.links.some(l => l.project === p.id)).map(p => <option key={p.id} value={p.id}>{said(p.name)}</option>)}</select></label>
    {(q.ops.length > 0 || q.overlays.length > 0 || q.scenario) && <><h2>{w('changes')}</h2><ul class="changes">{q.ops.map((op, i) => <li key={i}><span dir="auto">{describe(op)}</span> <button type="button" aria-label={`${w('remove')}: ${describe(op)}`} onClick={() => set({ops: q.ops.filter((_, j) => j !== i)})}>×</button></li>)}
      {q.overlays.map(o => <li key={o}>{o.slice(0, 12)} <button type="button" aria-label={w('remove')} onClick={() => set({overlays: q.overlays.filter(x => x !== o)})}>×</button></li>)}</ul>
      <button type="button" onClick={() => set({ops: [], scenario: '', overlays: []})}>{w('clear')}</button></>}
    {session.role && session.role !== 'reader' && <label class="drop" onDragOver={e => e.preventDefault()} onDrop={e => { e.preventDefault(); void take(e.dataTransfer?.files); }}>{w('own')}<input type="file" accept=".xlsx,.csv" multiple onChange={e => void take(e.currentTarget.files)} /></label>}
    <Fault of={fault} />
  </div>;
}
