// The workbench: the question above, the map beside it, one panel at a time.
import {useEffect, useRef, useState} from 'preact/hooks';
import {api, Problem} from './api';
import {address, LANGS, readAddress, TABS, type Question, type Tab} from './state';
import {Progress, useJob} from './job';
import {speak} from './said';
import {LANGUAGE_NAMES, say} from './text/words';
import type {Answer, Atlas, Lang, Offers, Session, Status} from './types';
import {Fault, Here, marked, N, T, useHere, useWords} from './ui';
import type {MapView} from './map';
import {Routes} from './panels/routes';
import {ScenarioEditor} from './panels/scenario';
import {Gains} from './panels/gains';
import {Compare} from './panels/compare';
import {Decision} from './panels/decision';
import {StatusBoard} from './panels/status';
import {Ledger} from './panels/ledger';
import {CheckText} from './panels/check';

const dark = () => document.documentElement.dataset.theme === 'dark';

function Places({id, value, change}: {id: string; value: string; change: (v: string) => void}) {
  const {atlas, q} = useHere(), {place} = useWords(), [text, setText] = useState(value && place(value));
  useEffect(() => setText(value && place(value)), [value, q.lang]);
  const commit = (typed: string) => {
    const want = typed.trim().toLowerCase(), hit = atlas.places.find(p => p.id.toLowerCase() === want || Object.values(p.names).some(n => n.toLowerCase() === want));
    if (hit || typed.trim()) change(hit?.id ?? typed.trim());
  };
  return <input id={id} list="places" autocomplete="off" value={text} onInput={e => setText(e.currentTarget.value)} onChange={e => commit(e.currentTarget.value)} onKeyDown={e => { if (e.key === 'Enter') commit(e.currentTarget.value); }} />;
}

function Asking() {
  const {atlas, q, set, offers} = useHere(), {w, lang, n, said} = useWords();
  const first = Date.parse('2024-01-01'), span = Math.round((Date.parse(offers.today) - first) / 864e5);
  const at = Math.round((Date.parse(q.day || offers.today) - first) / 864e5);
  const dayOf = (x: number) => new Date(first + x * 864e5).toISOString().slice(0, 10);
  return <form class="asking" onSubmit={e => e.preventDefault()} aria-label={w('routes')}>
    <label for="from">{w('from')}<Places id="from" value={q.from} change={v => set({from: v, chosen: 0})} /></label>
    <label for="to">{w('to')}<Places id="to" value={q.to} change={v => set({to: v, chosen: 0})} /></label>
    <datalist id="places">{atlas.places.filter(p => p.kind !== 'border').map(p => <option key={p.id} value={p.names[lang]} />)}</datalist>
    <label>{w('goods')}<select value={q.commodity} onChange={e => set({commodity: e.currentTarget.value})}>{atlas.commodities.map(c => <option key={c.id} value={c.id}>{c.names[lang]}</option>)}</select></label>
    <label>{w('box')}<select value={q.container} onChange={e => set({container: e.currentTarget.value})}><option value="">{w('none')}</option>{atlas.containers.map(c => <option key={c.id} value={c.id}>{`\u2068${said(c.name)}\u2069`}</option>)}</select></label>
    <label>{w('by')}<select value={q.by} onChange={e => set({by: e.currentTarget.value as Question['by'], chosen: 0})}>{(['generalized', 'cost', 'time'] as const).map(b => <option key={b} value={b}>{w(b)}</option>)}</select></label>
    <label>{w('day')}<input type="date" value={q.day || offers.today} onChange={e => set({day: e.currentTarget.value === offers.today ? '' : e.currentTarget.value, chosen: 0})} /></label>
    <label class="wide"><span><N>{q.day || offers.today}</N>{!q.day && `, ${w('today')}`}</span><input type="range" aria-label={w('day')} min={0} max={Math.max(span, at)} value={at} aria-valuetext={q.day || offers.today} onChange={e => { const d = dayOf(+e.currentTarget.value); set({day: d === offers.today ? '' : d, chosen: 0}); }} /></label>
    <span class="sr" aria-live="polite">{n(q.ops.length)} {w('changes')}</span>
  </form>;
}

function Report() {
  const {q, session, offers} = useHere(), {w, n} = useWords(), {job, fault, runs, begin} = useJob('report');
  if (!session.role || session.role === 'reader' || !offers.offers.study) return null;
  const draws = offers.offers.draws === null ? '' : ` (${w('draws')}: ${n(offers.offers.draws)})`;
  return <span class="report">{job?.state === 'done' && <a href={api.resultOf(job.id)} download>{w('download')}: ZIP</a>}
    {runs ? <Progress job={job!} label={w('report')} /> : <button type="button" onClick={() => begin(() => api.report(q.day, q.overlays))}>{w('report')}<bdi class="quiet">{draws}</bdi></button>}
    {job?.state === 'cancelled' && <span role="status">{w('stopped')}</span>}{job?.fault && <Fault of={new Problem(0, job.fault.detail, job.fault.remedy)} />}<Fault of={fault} /></span>;
}

export function MapBox({answer}: {answer: Answer | null}) {
  const {atlas, q, status} = useHere(), {w} = useWords(), box = useRef<HTMLDivElement>(null), view = useRef<MapView | null>(null), [ready, drawn] = useState(0);
  useEffect(() => {
    let gone = false;
    void import('./map').then(m => m.openMap(box.current!, atlas, dark(), id => window.dispatchEvent(new CustomEvent('place', {detail: id})))).then(v => { if (gone) v.remove(); else { view.current = v; drawn(1); } });
    const theme = () => view.current?.dark(dark());
    window.addEventListener('theme', theme);
    return () => { gone = true; window.removeEventListener('theme', theme); view.current?.remove(); view.current = null; };
  }, []);
  useEffect(() => view.current?.show(answer?.routes ?? [], q.chosen, status, q.lang), [answer, q.chosen, status, q.lang, ready]);
  return <figure class="map"><div ref={box} dir="ltr" role="group" aria-label={w('map')} /><figcaption dir="auto">{atlas.boundaries.note[q.lang]}</figcaption></figure>;
}

const PANELS: Record<Tab, (answer: Answer | null) => preact.JSX.Element> = {routes: a => <Routes answer={a} />, scenario: () => <ScenarioEditor />, gains: () => <Gains />, compare: () => <Compare />, decision: () => <Decision />, status: () => <StatusBoard />, ledger: () => <Ledger />, check: () => <CheckText />};

export function useAnswer(q: Question): {answer: Answer | null; fault: unknown; busy: boolean} {
  const [found, setFound] = useState<{answer: Answer | null; fault: unknown; busy: boolean}>({answer: null, fault: null, busy: false});
  useEffect(() => {
    if (!q.from || !q.to || q.from === q.to) return;
    const stop = new AbortController();
    setFound(f => ({...f, busy: true, fault: null}));
    api.afterSolving().then(() => { stop.signal.throwIfAborted(); return api.routes(q, stop.signal); }).then(answer => setFound({answer, fault: null, busy: false}), fault => { if (!stop.signal.aborted) setFound({answer: null, fault, busy: false}); });
    return () => stop.abort();
  }, [q.from, q.to, q.commodity, q.container, q.day, q.by, q.k, q.scenario, JSON.stringify(q.ops), q.avoid.join(), q.overlays.join(), q.lang]);
  return found;
}

export function useStatus(day: string, lang: Lang): Status[] {
  const [status, setStatus] = useState<Status[]>([]);
  useEffect(() => { void api.status(day).then(s => setStatus(s.entries), () => setStatus([])); }, [day, lang]);
  return status;
}

export function App({atlas, offers, session}: {atlas: Atlas; offers: Offers; session: Session}) {
  const [q, put] = useState(() => readAddress()), now = useRef(q), [, told] = useState('');
  speak(q.lang);
  const set = (change: Partial<Question>) => { const next = {...now.current, ...change}; now.current = next; put(next); history.replaceState(null, '', address(next)); };
  const status = useStatus(q.day, q.lang), {answer, fault, busy} = useAnswer(q), w = (k: Parameters<typeof say>[1]) => say(q.lang, k);
  useEffect(() => { document.documentElement.lang = q.lang; document.documentElement.dir = q.lang === 'ur' ? 'rtl' : 'ltr'; document.title = `Serai – ${w('title')}`; void api.atlas(atlas.name).then(() => told(q.lang), () => undefined); }, [q.lang]);
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || (e.target as Element).closest('input,textarea,select')) return;
      if (e.key === '/') { e.preventDefault(); document.getElementById('from')?.focus(); } else if (TABS[+e.key - 1]) set({tab: TABS[+e.key - 1]});
    };
    const picked = (e: Event) => { const id = (e as CustomEvent<string>).detail; set(now.current.from && !now.current.to ? {to: id} : {from: id, to: ''}); };
    addEventListener('keydown', keys); addEventListener('place', picked);
    return () => { removeEventListener('keydown', keys); removeEventListener('place', picked); };
  }, []);
  useEffect(() => { marked('usable'); }, []);
  const turn = (e: KeyboardEvent) => {
    const rtl = q.lang === 'ur' ? -1 : 1, step = e.key === 'ArrowRight' ? rtl : e.key === 'ArrowLeft' ? -rtl : 0;
    if (step) { const tab = TABS[(TABS.indexOf(q.tab) + step + TABS.length) % TABS.length]; set({tab}); document.getElementById(`tab-${tab}`)?.focus(); }
  };
  const swap = () => { document.documentElement.dataset.theme = dark() ? 'light' : 'dark'; dispatchEvent(new Event('theme')); };
  return <Here.Provider value={{atlas, offers, session, q, set, status}}>
    <header><h1>Serai <small>{w('title')}</small></h1><div class="tools"><Report /><button type="button" onClick={swap}>{w('theme')}</button><select id="lang" aria-label={w('language')} value={q.lang} onChange={e => set({lang: e.currentTarget.value as Lang})}>{LANGS.map(l => <option key={l} value={l} lang={l}>{LANGUAGE_NAMES[l]}</option>)}</select></div></header>
    <main><section class="side"><Asking />
      <div role="tablist" class="tabs" onKeyDown={turn}>{TABS.map(t => <button key={t} type="button" role="tab" id={`tab-${t}`} aria-selected={q.tab === t} aria-controls="panel" tabIndex={q.tab === t ? 0 : -1} onClick={() => set({tab: t})}>{w(t)}</button>)}</div>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${q.tab}`} tabIndex={0}>{q.tab === 'routes' && <>{busy && <p role="status">{w('working')}</p>}<Fault of={fault} /></>}{PANELS[q.tab](answer)}</div></section>
      <MapBox answer={answer} /></main>
    <footer><T>{atlas.limit_of_use}</T> <span>{w('cite')}: <bdi dir="ltr">{atlas.cite_as}, {q.day || offers.today}</bdi></span> <span>{w('unchecked')}</span> <span>{w('keys')}</span></footer>
  </Here.Provider>;
}
