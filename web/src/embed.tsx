// What others may frame: a map or a chart of one question, read-only, without knowing who looks.
import {render} from 'preact';
import './fonts.css';
import './style.css';
import {api} from './api';
import {MapBox, useAnswer, useStatus} from './app';
import {profileChart} from './chart';
import {speak} from './said';
import {readAddress} from './state';
import {say} from './text/words';
import {Chart, Fault, Here} from './ui';
import type {Atlas, Offers} from './types';

const q = readAddress(), chart = location.pathname.endsWith('/chart');
document.documentElement.lang = q.lang;
document.documentElement.dir = q.lang === 'ur' ? 'rtl' : 'ltr';
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

function Frame({atlas, offers}: {atlas: Atlas; offers: Offers}) {
  const status = useStatus(q.day, q.lang), {answer, fault} = useAnswer(q), route = answer?.routes[q.chosen];
  return <Here.Provider value={{atlas, offers, session: {role: '', name: '', csrf: ''}, q, set: () => {}, status}}><div class="embed"><Fault of={fault} />
    {chart ? route && <Chart draw={w => profileChart(route.legs, {km: say(q.lang, 'km'), days: say(q.lang, 'days'), usd: 'USD/t'}, w)} from={[route, q.lang]} /> : <MapBox answer={answer} />}
    <p class="quiet">{say(q.lang, 'cite')}: <bdi dir="ltr">{atlas.cite_as}, {q.day || offers.today}</bdi></p></div></Here.Provider>;
}
speak(q.lang);
const offers = await api.offers();
render(<Frame atlas={await api.atlas(offers.packages[0].name)} offers={offers} />, document.getElementById('app')!);
