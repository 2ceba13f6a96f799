// The map: no tile, no glyph and no other machine is asked. Boundaries are the package's own view, disputed ones dashed.
import {Map as Plane, NavigationControl, setWorkerUrl, type GeoJSONSource, type StyleSpecification} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type {Atlas, Lang, Route, Status} from './types';
import {short} from './format';

setWorkerUrl(workerUrl);
const COLOURS = {open: '#2a7d4f', restricted: '#b07a12', bilateral: '#b07a12', closed: '#b3261e', unknown: '#7b7f86', under_construction: '#4a5ab5', planned: '#4a5ab5'};
/** A sea lane longer than this many times its chord would be drawn over land. */
const STRAIGHT = 1.1;
const crow = ([x, y]: number[], [u, v]: number[]) => { const r = Math.PI / 180; return 12742 * Math.asin(Math.sqrt(Math.sin((v - y) * r / 2) ** 2 + Math.cos(y * r) * Math.cos(v * r) * Math.sin((u - x) * r / 2) ** 2)); };
type Feature = GeoJSON.Feature;
const collection = (features: Feature[]): GeoJSON.FeatureCollection => ({type: 'FeatureCollection', features});
const feature = (geometry: GeoJSON.Geometry, properties: Record<string, unknown> = {}): Feature => ({type: 'Feature', geometry, properties});
const lines = (all: number[][][]) => collection([feature({type: 'MultiLineString', coordinates: all})]);
const lineOf = (entry: [string, number[][]] | number[][]): number[][] => (typeof entry[0] === 'string' ? entry[1] : entry) as number[][];

function style(atlas: Atlas, land: number[][][], dark: boolean): StyleSpecification {
  const [w, s, e, n] = atlas.boundaries.window;
  const c = dark ? {sea: '#14212b', land: '#262a2c', coast: '#47525a', firm: '#5c6166', soft: '#a39a8b', road: '#8d8272', rail: '#9fb2c8', sea2: '#4d7690', text: '#e8e6e0', halo: '#14181b', way: '#ff8a4c', other: '#a8795a'}
    : {sea: '#dfe9ee', land: '#f4f2ec', coast: '#b9c4c9', firm: '#b7b0a2', soft: '#7d766a', road: '#8a7c68', rail: '#30475e', sea2: '#7da5c1', text: '#1c2024', halo: '#ffffff', way: '#c2410c', other: '#e0a37f'};
  const source = (data: GeoJSON.FeatureCollection) => ({type: 'geojson' as const, data});
  const link = (id: string, mode: string[], color: string, dash: number[] | null, width: number) => ({id, type: 'line' as const, source: 'links', filter: ['in', ['get', 'mode'], ['literal', mode]] as never,
    paint: {'line-color': color, 'line-width': width, 'line-opacity': ['case', ['get', 'project'], 0.45, 0.8] as never, ...(dash ? {'line-dasharray': dash} : {})}});
  return {
    version: 8,
    sources: {
      world: source(collection([feature({type: 'MultiPolygon', coordinates: land.map(r => [r])})])),
      window: source(collection([feature({type: 'Polygon', coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]]})])),
      land: source(collection([feature({type: 'MultiPolygon', coordinates: atlas.boundaries.land})])),
      firm: source(lines(atlas.boundaries.firm)), soft: source(lines((atlas.boundaries.disputed as []).map(lineOf))),
      links: source(collection([])), route: source(collection([])), places: source(collection([])),
    },
    layers: [
      {id: 'sea', type: 'background', paint: {'background-color': c.sea}},
      {id: 'world', type: 'fill', source: 'world', paint: {'fill-color': c.land}},
      {id: 'window', type: 'fill', source: 'window', paint: {'fill-color': c.sea}},
      {id: 'land', type: 'fill', source: 'land', paint: {'fill-color': c.land, 'fill-outline-color': c.coast}},
      {id: 'firm', type: 'line', source: 'firm', paint: {'line-color': c.firm, 'line-width': 0.8}},
      {id: 'soft', type: 'line', source: 'soft', paint: {'line-color': c.soft, 'line-width': 1.3, 'line-dasharray': [3, 2]}},
      link('sea-links', ['sea', 'ferry'], c.sea2, [1, 2], 0.8), link('roads', ['road'], c.road, null, 0.9), link('rails', ['rail'], c.rail, [4, 1.5], 1.1),
      {id: 'route', type: 'line', source: 'route', layout: {'line-cap': 'round', 'line-join': 'round'}, paint: {'line-color': ['case', ['get', 'chosen'], c.way, c.other], 'line-width': ['case', ['get', 'chosen'], 4, 2]}},
      {id: 'points', type: 'circle', source: 'places', paint: {'circle-radius': ['case', ['get', 'border'], 4.5, 3], 'circle-color': ['get', 'colour'], 'circle-stroke-color': c.halo, 'circle-stroke-width': 1}},
      {id: 'names', type: 'symbol', source: 'places', layout: {'text-field': ['get', 'name'], 'text-font': ['Noto Sans', 'Noto Naskh Arabic'], 'text-size': 12, 'text-variable-anchor': ['top', 'bottom', 'left', 'right'], 'text-radial-offset': 0.6, 'symbol-sort-key': ['get', 'rank']},
        paint: {'text-color': c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.4}},
    ],
  };
}

export interface MapView { show(routes: Route[], chosen: number, status: Status[], lang: Lang): void; dark(on: boolean): void; remove(): void }
type Shown = [Route[], number, Status[], Lang];

export async function openMap(box: HTMLElement, atlas: Atlas, dark: boolean, onPlace: (id: string) => void): Promise<MapView> {
  const land = await fetch('/land.json').then(r => r.json()) as number[][][];
  const at = new Map(atlas.places.map(p => [p.id, [p.lon, p.lat]]));
  const members = new Set(atlas.countries.filter(c => c.member).map(c => c.iso3));
  const mine = atlas.places.filter(p => members.size === 0 || members.has(p.country));
  const lons = mine.map(p => p.lon), lats = mine.map(p => p.lat);
  const names = atlas.places.flatMap(p => Object.values(p.names)).join('');
  await Promise.all(['"Noto Sans"', '"Noto Naskh Arabic"'].map(f => document.fonts.load(`24px ${f}`, names)));
  const plane = new Plane({container: box, style: style(atlas, land, dark), attributionControl: false, renderWorldCopies: false, dragRotate: false, pitchWithRotate: false, maxZoom: 10,
    bounds: [[Math.min(...lons) - 2, Math.min(...lats) - 2], [Math.max(...lons) + 2, Math.max(...lats) + 2]]});
  plane.addControl(new NavigationControl({showCompass: false}), 'top-right');
  plane.on('click', 'points', e => { const id = e.features?.[0]?.properties.id; if (typeof id === 'string') onPlace(id); });
  let last: Shown | null = null, seen = '';
  const put = (name: string, features: Feature[]) => (plane.getSource(name) as GeoJSONSource | undefined)?.setData(collection(features));
  const draw = () => {
    if (!last || !plane.isStyleLoaded() && !plane.getSource('places')) return;
    const [routes, chosen, status, lang] = last;
    const worst = ['closed', 'unknown', 'restricted', 'bilateral', 'under_construction', 'planned', 'open'];
    const state = new Map<string, string>();
    for (const s of status) if (s.kind !== 'link' && (!state.has(s.object) || worst.indexOf(s.state) < worst.indexOf(state.get(s.object)!))) state.set(s.object, s.state);
    const on = new Set((routes[chosen] ?? routes[0])?.legs.flatMap(l => [l.from, l.to]) ?? []);
    put('links', atlas.links.filter(l => at.has(l.from) && at.has(l.to) && (l.mode === 'road' || l.mode === 'rail' || l.length_km < STRAIGHT * crow(at.get(l.from)!, at.get(l.to)!))).map(l => feature({type: 'LineString', coordinates: [at.get(l.from)!, at.get(l.to)!]}, {mode: l.mode, project: !!l.project})));
    put('places', atlas.places.map(p => feature({type: 'Point', coordinates: [p.lon, p.lat]}, {id: p.id, name: short(p.names[lang]), border: p.kind === 'border',
      colour: state.has(p.id) ? COLOURS[state.get(p.id) as 'open'] ?? COLOURS.unknown : '#5b6168', rank: on.has(p.id) ? 0 : p.zone ? 1 : p.kind === 'port' ? 2 : 3})));
    put('route', routes.map((r, i) => feature({type: 'MultiLineString', coordinates: r.legs.filter(l => l.from !== l.to && at.has(l.from) && at.has(l.to)).map(l => [at.get(l.from)!, at.get(l.to)!])}, {chosen: i === chosen}))
      .sort((a, b) => +!!a.properties!.chosen - +!!b.properties!.chosen));
    const ways = [...on].filter(id => at.has(id)), key = ways.join(' ');
    // A small screen shows the middle of the corridor alone; a way is looked at whole.
    if (ways.length > 1 && key !== seen) {
      const x = ways.map(id => at.get(id)![0]!), y = ways.map(id => at.get(id)![1]!);
      plane.fitBounds([[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]], {padding: Math.min(40, box.clientHeight / 10), maxZoom: 7, animate: false});
      seen = key;
    }
    box.dataset.drawn = String(routes.length);
  };
  plane.on('style.load', draw);
  plane.once('idle', () => performance.mark('map'));
  return {show: (...shown) => { last = shown; draw(); }, dark: on => { plane.setStyle(style(atlas, land, on), {diff: false}); }, remove: () => plane.remove()};
}
