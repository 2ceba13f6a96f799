import {render} from 'preact';
import './fonts.css';
import './style.css';
import {api, enter, Problem} from './api';
import {readAddress} from './state';
import {say} from './text/words';
import {App} from './app';
import {speak} from './said';

const root = document.getElementById('app')!;
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
speak(readAddress().lang);
try {
  const [session, offers] = await Promise.all([enter(), api.offers()]);
  const atlas = await api.atlas(offers.packages[0].name);
  root.textContent = '';
  render(<App atlas={atlas} offers={offers} session={session} />, root);
} catch (fault) {
  const lang = readAddress().lang;
  root.textContent = fault instanceof Problem && fault.what !== 'gone' ? String(fault.message) : say(lang, 'gone');
  root.setAttribute('role', 'alert');
}
