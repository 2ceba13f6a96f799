// What is asked lives in the address: a link is the whole view.
import type {Lang, Op} from './types';

export type Tab = 'routes' | 'scenario' | 'gains' | 'compare' | 'decision' | 'status' | 'ledger' | 'check';
export const TABS: Tab[] = ['routes', 'scenario', 'gains', 'compare', 'decision', 'status', 'ledger', 'check'];
export interface Question {
  from: string; to: string; commodity: string; container: string; day: string; by: 'generalized' | 'cost' | 'time'; k: number;
  avoid: string[]; scenario: string; ops: Op[]; overlays: string[]; chosen: number; against: string; beside: string; tab: Tab; lang: Lang;
}
export const LANGS: Lang[] = ['en', 'ru', 'ur', 'kk'];

const writeOp = (op: Op) => op.op === 'set' ? `set~${op.table}~${op.id}~${op.column}~${op.value}` : `${op.op}~${op.object}~${op.mode}`;
function readOp(text: string): Op | null {
  const [kind, a, b, c, d] = text.split('~');
  if (kind === 'set' && d !== undefined && Number.isFinite(+d)) return {op: 'set', table: a, id: b, column: c, value: +d};
  if ((kind === 'open' || kind === 'close') && a) return {op: kind, object: a, mode: (b ?? '') as ''};
  return null;
}
const oneOf = <T extends string>(value: string | null, known: readonly T[], other: T): T => known.find(k => k === value) ?? other;

export function readAddress(search = location.search): Question {
  const p = new URLSearchParams(search);
  const preferred = navigator.languages.map(l => l.slice(0, 2)).find(l => LANGS.includes(l as Lang)) as Lang | undefined;
  return {
    from: p.get('from') ?? '', to: p.get('to') ?? '', commodity: p.get('goods') ?? 'manufactures', container: p.get('box') ?? '',
    day: /^\d{4}-\d\d-\d\d$/.test(p.get('day') ?? '') ? p.get('day')! : '', by: oneOf(p.get('by'), ['generalized', 'cost', 'time'], 'generalized'),
    k: Math.min(20, Math.max(1, Math.trunc(+(p.get('k') ?? 5)) || 5)), avoid: p.getAll('avoid'), scenario: p.get('scenario') ?? '',
    ops: p.getAll('do').map(readOp).filter(o => o !== null), overlays: p.getAll('own').filter(o => /^[0-9a-f]{64}$/.test(o)),
    chosen: Math.max(0, Math.trunc(+(p.get('way') ?? 0)) || 0), against: /^\d{4}-\d\d-\d\d$/.test(p.get('a') ?? '') ? p.get('a')! : '', beside: p.get('beside') ?? '', tab: oneOf(p.get('tab'), TABS, 'routes'),
    lang: oneOf(p.get('lang'), LANGS, preferred ?? 'en'),
  };
}

export function address(q: Question): string {
  const p = new URLSearchParams();
  const put = (k: string, v: string, usual = '') => { if (v !== usual) p.set(k, v); };
  put('from', q.from); put('to', q.to); put('goods', q.commodity, 'manufactures'); put('box', q.container); put('day', q.day);
  put('by', q.by, 'generalized'); put('k', String(q.k), '5'); put('scenario', q.scenario); put('way', String(q.chosen), '0');
  put('a', q.against); put('beside', q.beside); put('tab', q.tab, 'routes'); p.set('lang', q.lang);
  for (const a of q.avoid) p.append('avoid', a);
  for (const o of q.ops) p.append('do', writeOp(o));
  for (const o of q.overlays) p.append('own', o);
  return `${location.pathname}?${p}`;
}
export const sameOp = (a: Op, b: Op) => a.op === 'set' ? b.op === 'set' && a.table === b.table && a.id === b.id && a.column === b.column : b.op !== 'set' && a.object === b.object && a.mode === b.mode;
/** Add a change; one that says the opposite of an earlier one replaces it. */
export const withOp = (ops: Op[], op: Op) => [...ops.filter(o => !sameOp(o, op)), op];
