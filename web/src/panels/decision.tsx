import {useEffect, useState} from 'preact/hooks';
import type {Decided} from '../types';
import {api, Problem} from '../api';
import {rough} from '../format';
import {Progress, useJob} from '../job';
import {sayVerdict, type Word} from '../text/words';
import {Fault, N, save, T, useHere, useWords} from '../ui';

const CHOICES: Record<string, Word> = {'build all': 'buildAll', 'stage one': 'stageOne', 'study and wait': 'studyWait', decline: 'decline'};
type Row = Record<string, unknown>;
const num = (row: Row, key: string): number | null => typeof row[key] === 'number' ? row[key] : null;

function Table({id, rows, head = 'what', name, columns}: {id: string; rows: Row[]; head?: Word; name: (row: Row) => string; columns: [Word, string, number][]}) {
  const {w, n} = useWords();
  if (!rows.length) return null;
  return <table id={id}><thead><tr><th>{w(head)}</th>{columns.map(([word]) => <th key={word} class="num">{w(word)}</th>)}</tr></thead>
    <tbody>{rows.map((row, i) => <tr key={i}><td><T>{name(row)}</T></td>{columns.map(([word, key, digits]) => { const v = num(row, key); return <td key={word} class="num"><N>{v === null ? '–' : n(digits ? v : rough(v), digits)}</N></td>; })}</tr>)}</tbody></table>;
}

function Shown({found}: {found: Decided}) {
  const {atlas} = useHere(), project = (id: string) => said(atlas.projects.find(p => p.id === id)?.name ?? id);
  const {w, n, lang, country, said} = useWords(), t = (name: string) => found.tables[name] ?? [], order = String(t('decision_best_set')[0]?.order ?? '').split(', ').filter(Boolean), m = (usd: number | null | undefined) => usd === null || usd === undefined ? '–' : n(rough(usd / 1e6));
  return <>
    <p><b><T>{found.project ?? ''}</T></b>: <b>{found.established ? w('established') : w('notEstablished')}</b>{found.why_not && <span class="quiet"> (<T>{found.why_not}</T>)</span>}</p>
    {found.npv_usd && <p>{w('npv')}: <N>{m(found.npv_usd.p50)}</N> (<N>P10–P90 {m(found.npv_usd.p10)} – {m(found.npv_usd.p90)}</N>); {w('chance')} <N>{n(100 * (found.p_npv_positive ?? 0))}%</N></p>}
    {found.open_days && <p>{w('openDays')}: <N>{n(found.open_days[0])}</N> (<N>P10–P90 {n(found.open_days[1])} – {n(found.open_days[2])}</N>){found.open_days_needed !== null && found.open_days_needed !== undefined && <>; {w('needed')}: <N>{n(found.open_days_needed)}</N></>}</p>}
    {found.draws > 0 && <p class="quiet">{w('draws')}: <N>{n(found.draws)}</N></p>}
    {found.moves_most && <p>{w('movesMost')}: <T>{found.moves_most}</T> (<N>{n(100 * (found.moves_share ?? 0))}%</N>)</p>}
    <h2>{w('choices')}</h2>
    <table id="choices"><thead><tr><th>{w('what')}</th><th class="num">{w('costM')}</th><th class="num">{w('worthM')}</th><th class="num">P10–P90</th><th class="num">{w('waiting')}</th></tr></thead>
      <tbody>{found.choices.map(c => <tr key={c.name}><td>{c.name in CHOICES ? w(CHOICES[c.name]) : c.name}</td><td class="num"><N>{m(c.cost_usd)}</N></td><td class="num"><N>{m(c.value_usd)}</N></td><td class="num"><N>{m(c.low_usd)} – {m(c.high_usd)}</N></td><td class="num"><N>{m(c.waiting_loses_usd)}</N></td></tr>)}</tbody></table>
    <h2>{w('scorecard')}</h2>
    <ul id="score" class="claims">{found.score.map(s => <li key={s.criterion}><b><T>{s.title}</T></b>: <span class={`verdict ${s.verdict.replace(' ', '-')}`}>{sayVerdict(lang, s.verdict)}</span>{s.value !== null && <> <N>{n(s.value, 2)} ({n(s.low, 2)} – {n(s.high, 2)})</N> {s.unit !== '1' && <span class="quiet"><T>{s.unit}</T></span>}</>}
      {s.would_have_to && <p class="quiet">{w('wouldHaveTo')}: <T>{s.would_have_to}</T></p>}</li>)}</ul>
    <h2>{w('coalition')}</h2>
    <Table id="coalition" rows={t('decision_coalition')} head="country" name={r => country(String(r.member))} columns={[['gainM', 'gain_usd_m', 0], ['netM', 'net_gain_usd_m', 0], ['shapley', 'shapley_usd_m', 0], ['lostWithout', 'lost_without_usd_m', 0], ['payment', 'transfer_usd_m', 0]]} />
    <h2>{w('closures')}</h2>
    <Table id="critical" rows={t('decision_criticality')} name={r => said(String(r.name))} columns={[['lossM', 'loss_usd_m_per_year', 0]]} />
    <h2>{w('portfolio')}</h2>
    {order.length > 0 && <p id="order">{w('buildOrder')}: {order.map(project).join(' · ')}</p>}
    <Table id="portfolio" rows={t('decision_portfolio').slice(0, 10)} name={r => String(r.projects).split(' + ').map(project).join(' + ')} columns={[['npv', 'npv_usd_m', 0], ['costM', 'cost_usd_m', 0]]} />
    <button type="button" onClick={() => save(`decision-${found.as_of}.json`, JSON.stringify(found, null, 2))}>{w('download')}: JSON</button>
  </>;
}

export function Decision() {
  const {q, session, offers} = useHere(), {w} = useWords(), {job, fault: broken, runs, begin} = useJob('decision');
  const [found, setFound] = useState<Decided | null>(null), [fault, setFault] = useState<unknown>(null), [busy, setBusy] = useState(true);
  useEffect(() => { setFound(null); setFault(null); }, [q.day]);
  useEffect(() => { setBusy(true); api.decision(q.day).then(d => { setFound(d.decision); setBusy(false); }, e => { setFault(e); setBusy(false); }); }, [q.day, q.lang, job?.state]);
  const may = session.role && session.role !== 'reader';
  if (!offers.offers.study) return <p>{w('absent')}</p>;
  return <div aria-busy={busy}><Fault of={fault} /><Fault of={broken} />{job?.fault && <Fault of={new Problem(0, job.fault.detail, job.fault.remedy)} />}
    {!found && !busy && <p>{w('decisionHelp')}</p>}
    {runs && <p role="status"><Progress job={job!} label={w('decision')} /></p>}
    {found ? <Shown found={found} /> : !runs && !busy && <><p>{job?.state === 'cancelled' ? w('stopped') : w('notWorked')}</p>{may && <button type="button" id="decide" onClick={() => begin(() => api.decide(q.day))}>{w('workOut')}</button>}</>}</div>;
}
