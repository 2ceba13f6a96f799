// Small parts that every panel uses.
import {createContext, type ComponentChildren} from 'preact';
import {useContext, useEffect, useRef, useState} from 'preact/hooks';
import type {Atlas, Lang, Offers, Session, Status} from './types';
import type {Question} from './state';
import {number, short} from './format';
import {saidIn} from './said';
import {say, type Word} from './text/words';
import {api, Problem} from './api';

export interface World { atlas: Atlas; offers: Offers; session: Session; q: Question; set: (change: Partial<Question>) => void; status: Status[] }
export const Here = createContext<World>(null!);
export const useHere = () => useContext(Here);
export function useWords() {
  const {atlas, q} = useHere(), lang: Lang = q.lang;
  const places = new Map(atlas.places.map(p => [p.id, p.names[lang]]));
  const countries = new Map(atlas.countries.map(c => [c.iso3, c.names[lang]]));
  const said = (english: string) => saidIn(lang, english) ?? english;
  return {lang, said, judged: (word: string) => atlas.judged[lang][word] ?? word, w: (key: Word) => say(lang, key), n: (v: number | null | undefined, digits = 0, signed = false) => number(lang, v, digits, signed),
    place: (id: string) => places.get(id) ?? atlas.passages[id]?.[lang] ?? id, near: (id: string) => short(places.get(id) ?? atlas.passages[id]?.[lang] ?? id), country: (iso: string, other = iso) => countries.get(iso) ?? said(other)};
}
/** A text of an answer: in the reader's language where there are words for it, else in English and marked so. */
export function T({children}: {children: string}) {
  const {q} = useHere(), words = saidIn(q.lang, children);
  return words === undefined ? <bdi lang="en" dir="auto">{children}</bdi> : <bdi lang={q.lang}>{words}</bdi>;
}
/** A kind of claim, which programs name with dashes below. */
export function Kind({children}: {children: string}) {
  const {lang} = useWords();
  return saidIn(lang, children) === undefined ? <T>{children.replaceAll('_', ' ')}</T> : <T>{children}</T>;
}
/** A number, sign and unit that right-to-left text must not turn around. */
export const N = ({children}: {children: ComponentChildren}) => <bdi dir="ltr" class="n">{children}</bdi>;
export function Fault({of}: {of: unknown}) {
  const {w} = useWords();
  if (!of) return null;
  return <p class="fault" role="alert">{of instanceof Problem ? of.what === 'gone' ? w('gone') : <span class="told" lang="en" dir="ltr">{of.what.replace(/\.$/, '')}. {of.remedy}</span> : String(of)}</p>;
}
/** A chart, drawn again when something it is drawn from changes. */
export function Chart({draw, from}: {draw: (width: number) => Element; from: unknown[]}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { const b = box.current; if (b) b.replaceChildren(draw(Math.max(260, Math.min(560, b.clientWidth)))); }, from);
  return <div class="chart" dir="ltr" ref={box} />;
}
/** That something is being worked out; after a start, that the corridor is still being opened. */
export function Working({children}: {children?: ComponentChildren}) {
  const {w, n} = useWords(), [opening, setOpening] = useState<number | null>(null);
  useEffect(() => {
    let timer = 0;
    const look = () => void api.health().then(h => { setOpening(h.ready.solve ? null : h.seconds); if (!h.ready.solve) timer = window.setTimeout(look, 1000); }, () => setOpening(null));
    timer = window.setTimeout(look, 1500);
    return () => clearTimeout(timer);
  }, []);
  return <p role="status">{opening === null ? <>{w('working')} {children}</> : <>{w('opening')} <N>{n(opening)} {w('seconds')}</N></>}</p>;
}
/** Note in the browser's own timeline when something came on screen. */
export const marked = (name: string) => requestAnimationFrame(() => setTimeout(() => performance.mark(name)));
export function save(name: string, content: string, type = 'application/json') {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], {type}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
