// Small parts that every panel uses.
import {createContext, type ComponentChildren} from 'preact';
import {useContext, useEffect, useRef, useState} from 'preact/hooks';
import type {Atlas, Lang, Offers, Session, Status} from './types';
import type {Question} from './state';
import {number, short} from './format';
import {say, type Word} from './text/words';
import {api, Problem} from './api';

export interface World { atlas: Atlas; offers: Offers; session: Session; q: Question; set: (change: Partial<Question>) => void; status: Status[] }
export const Here = createContext<World>(null!);
export const useHere = () => useContext(Here);
export function useWords() {
  const {atlas, q} = useHere(), lang: Lang = q.lang;
  const places = new Map(atlas.places.map(p => [p.id, p.names[lang]]));
  const countries = new Map([...atlas.economies.map(e => [e.id, e.names[lang]] as const), ...atlas.countries.map(c => [c.iso3, c.names[lang]] as const)]);
  return {judged: (word: string) => atlas.judged[lang][word] ?? word, lang, w: (key: Word) => say(lang, key), n: (v: number | null | undefined, digits = 0, signed = false) => number(lang, v, digits, signed),
    place: (id: string) => places.get(id) ?? atlas.passages[id]?.[lang] ?? id, near: (id: string) => short(places.get(id) ?? atlas.passages[id]?.[lang] ?? id), country: (iso: string, other = iso) => countries.get(iso) ?? other};
}
/** A number, sign and unit that right-to-left text must not turn around. */
export const N = ({children}: {children: ComponentChildren}) => <bdi dir="ltr" class="n">{children}</bdi>;
export function Fault({of}: {of: unknown}) {
  const {w} = useWords();
  if (!of) return null;
  return <p class="fault" role="alert">{of instanceof Problem ? of.what === 'gone' ? w('gone') : <span lang="en" dir="ltr">{of.what}. {of.remedy}</span> : String(of)}</p>;
}
const told = new Map<string, string | null>(), wanted = new Map<Lang, Set<string>>(), listeners = new Set<() => void>();
/** Ask for the texts that one drawing of the page needs together. */
function want(lang: Lang, text: string) {
  if (told.has(lang + text)) return;
  told.set(lang + text, null);
  if (!wanted.has(lang)) {
    wanted.set(lang, new Set());
    setTimeout(() => {
      const texts = [...wanted.get(lang)!];
      wanted.delete(lang);
      for (let i = 0; i < texts.length; i += 100) api.words(lang, texts.slice(i, i + 100)).then(found => { for (const [k, v] of Object.entries(found.texts)) told.set(lang + k, v); listeners.forEach(l => l()); }, () => texts.forEach(t => told.delete(lang + t)));
    });
  }
  wanted.get(lang)!.add(text);
}
/** A text of the server: in the reader's language where its catalogue has it, in English where not. */
export function T({children: text}: {children: string}) {
  const {lang} = useWords(), [, again] = useState(0), has = (lang === 'ru' || lang === 'ur') && text.length > 0 && text.length <= 1000;
  useEffect(() => {
    if (!has) return;
    const listen = () => again(n => n + 1);
    listeners.add(listen);
    want(lang, text);
    return () => { listeners.delete(listen); };
  }, [lang, text]);
  const own = has ? told.get(lang + text) : null;
  return own ? <bdi lang={lang}>{own}</bdi> : <bdi lang="en" dir="auto">{text}</bdi>;
}
export function Chart({draw}: {draw: (width: number) => Element}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { const b = box.current; if (b) b.replaceChildren(draw(Math.max(260, Math.min(560, b.clientWidth)))); });
  return <div class="chart" dir="ltr" ref={box} />;
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
