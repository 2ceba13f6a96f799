// Numbers and names in the reader's language; a number keeps its direction inside right-to-left text.
import type {Lang} from './types';

const LOCALE: Record<Lang, string> = {en: 'en', ru: 'ru', ur: 'ur-u-nu-latn', kk: 'ru'}; // browsers without Kazakh data fall back to English; its numbers are written as in Russian
const forms: Record<string, Intl.NumberFormat> = {}; // making one takes longer than a table of numbers
export function number(lang: Lang, value: number | null | undefined, digits = 0, signed = false): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const key = `${lang} ${digits} ${signed}`, form = forms[key] ??= new Intl.NumberFormat(LOCALE[lang], {maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: signed ? 'exceptZero' : 'auto'});
  return form.format(value).replace('-', '−');
}
/** Two significant figures are what a range of estimates supports. */
export function rough(value: number, figures = 2): number {
  if (!Number.isFinite(value) || value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - figures + 1);
  return Math.round(value / unit) * unit;
}
/** Gains below this, in million USD a year, are what a solver leaves over and no figure. */
export const NO_GAIN = 0.05;
/** Digits after the point that leave three significant ones. */
export const fine = (value: number) => value === 0 ? 0 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
export const days = (hours: number) => hours / 24;
/** First name of a double one, which a dash parts, without brackets; a hyphen is part of a name. */
export const short = (name: string) => name.split(/[–/(]/)[0].trim();
