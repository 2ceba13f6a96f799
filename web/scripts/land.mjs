// Land of the whole world, coarse, cut at the antimeridian: it lies under the package's own map, beyond its window.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {geoEquirectangular, geoStream} from 'd3-geo';
import {feature} from 'topojson-client';

const require = createRequire(import.meta.url);
const atlas = JSON.parse(readFileSync(require.resolve('world-atlas/land-110m.json'), 'utf8'));
const flat = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(0);
const round = v => Math.round(v * 100) / 100;
const rings = [];
let ring = [];
geoStream(feature(atlas, atlas.objects.land), flat.stream({
  point: (x, y) => ring.push([round(x), round(-y)]),
  lineStart: () => { ring = []; },
  lineEnd: () => { if (ring.length > 2) rings.push([...ring, ring[0]]); },
  polygonStart: () => {}, polygonEnd: () => {}, sphere: () => {},
}));
const folder = new URL('../public/', import.meta.url);
mkdirSync(folder, {recursive: true});
// Antarctica closes over the pole and is of no use here.
const kept = rings.filter(r => r.some(([, y]) => y > -60));
writeFileSync(new URL('land.json', folder), JSON.stringify(kept));
