import {render} from 'preact';
import './fonts.css';
import './style.css';
import {api, enter} from './api';
import {App} from './app';
import {speak} from './said';
import {readAddress} from './state';

const root = document.getElementById('app')!;
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
speak(readAddress().lang);
try {
  const [session, offers] = await Promise.all([enter(), api.offers()]);
  render(<App atlas={await api.atlas(offers.packages[0].name)} offers={offers} session={session} />, root);
} catch (fault) {
  root.textContent = String(fault);
}
