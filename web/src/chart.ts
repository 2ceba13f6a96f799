// Charts; the policy of the page forbids the style element that the library appends, so its rules stand in style.css.
import * as Plot from '@observablehq/plot';
import type {Leg, Solved} from './types';
import {NO_GAIN, rough} from './format';

function bare(chart: Element, label: string): Element {
  chart.querySelectorAll('style').forEach(s => s.remove());
  chart.querySelectorAll('[aria-label],[aria-hidden]').forEach(g => { g.removeAttribute('aria-label'); g.removeAttribute('aria-hidden'); });
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', label); // the same figures stand in a table beside it
  return chart;
}

export function profileChart(legs: Leg[], labels: {km: string; days: string; usd: string}, width: number): Element {
  const points = [{km: 0, days: 0, usd: 0}];
  for (const l of legs) { const p = points[points.length - 1]; points.push({km: p.km + l.km, days: p.days + (l.hours + l.end_dwell_h) / 24, usd: p.usd + l.usd_per_t}); }
  const top = Math.max(...points.map(p => p.usd)) / Math.max(...points.map(p => p.days), 1e-9);
  return bare(Plot.plot({width, height: 200, marginLeft: 45, marginRight: 50, x: {label: `${labels.km} →`}, y: {label: `↑ ${labels.days}`, grid: true},
    marks: [Plot.line(points, {x: 'km', y: 'days', stroke: 'var(--accent)', strokeWidth: 2}), Plot.line(points, {x: 'km', y: p => p.usd / top, stroke: 'var(--second)', strokeDasharray: '4 2'}),
      Plot.axisY({anchor: 'right', label: `${labels.usd} ↑`, tickFormat: (d: number) => String(rough(d * top))}), Plot.ruleY([0])]}), `${labels.days}, ${labels.usd}`);
}

export const gainsChart = (solved: Solved, name: (iso3: string, other: string) => string, label: string, width: number): Element => compareChart(solved.gains, name, label, width);

export function compareChart(gains: Solved['gains'], name: (iso3: string, other: string) => string, label: string, width: number): Element {
  const rows = gains.filter(g => Math.abs(g.gain_usd_m) >= NO_GAIN).slice(0, 12).map(g => ({name: name(g.economy, g.name), gain: rough(g.gain_usd_m)}));
  const longest = Math.max(0, ...rows.map(r => r.name.length)), left = Math.min(Math.round(0.42 * width), 24 + 6.2 * longest);
  return bare(Plot.plot({width, height: 30 * rows.length + 50, marginLeft: left, marginRight: 24, x: {label, grid: true, ticks: Math.max(2, Math.round((width - left) / 70))}, y: {label: null, domain: rows.map(r => r.name)},
    marks: [Plot.barX(rows, {x: 'gain', y: 'name', fill: r => r.gain < 0 ? 'var(--bad)' : 'var(--good)'}), Plot.axisY({label: null, tickSize: 0, lineWidth: (left - 12) / 13.5, fontSize: 11.5}), Plot.ruleX([0])]}), label);
}
