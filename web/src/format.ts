// Numbers and names in the reader's language; a number keeps its direction inside right-to-left text.
import type {Lang} from './types';

const LOCALE: Record<Lang, string> = {en: 'en', ru: 'ru', ur: 'ur-u-nu-latn', kk: 'ru'}; // browsers without Kazakh data fall back to English; its numbers are written as in Russian
export function number(lang: Lang, value: number | null | undefined, digits = 0, signed = false): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return new Intl.NumberFormat(LOCALE[lang], {maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: signed ? 'exceptZero' : 'auto'}).format(value).replace('-', '−');
}
/** Two significant figures are what a range of estimates supports. */
export function rough(value: number, figures = 2): number {
  if (!Number.isFinite(value) || Math.abs(value) < 1e-9) return 0; // a residual of the solver is no figure
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - figures + 1);
  return Math.round(value / unit) * unit;
}
export const days = (hours: number) => hours / 24;
/** First name of a double one, without brackets; outside English a hyphen is part of a name, and a dash parts two. */
export const short = (name: string, lang: Lang) => name.split(lang === 'en' ? /[-/(]/ : /[–/(]/)[0].trim();
