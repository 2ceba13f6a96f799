// What answers say, in the reader's language: the server gives words for its English texts, which stay as they are.
import type {Lang} from './types';

const known: Record<Lang, Record<string, string>> = {en: {}, ru: {}, ur: {}, kk: {}};
let tongue: Lang = 'en';
/** Set the language that the next questions are asked in. */
export const speak = (lang: Lang): void => { tongue = lang; };
export const spoken = (): Lang => tongue;
/** Keep the words that came with an answer. */
export function learn(lang: Lang, content: unknown): void {
  const words = (content as {said?: Record<string, string>} | null)?.said;
  if (words) Object.assign(known[lang], words);
}
/** Words of an English text; undefined where nobody has translated it. */
export const saidIn = (lang: Lang, english: string): string | undefined => known[lang][english];
