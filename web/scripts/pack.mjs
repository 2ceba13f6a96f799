// Packed forms beside every file, so that the server never packs one while somebody waits.
import {readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {join} from 'node:path';
import {brotliCompressSync, gzipSync} from 'node:zlib';

const root = fileURLToPath(new URL('../../src/serai/server/static/', import.meta.url));
let plain = 0, packed = 0;
for (const name of readdirSync(root, {recursive: true})) {
  const path = join(root, String(name));
  if (!statSync(path).isFile()) continue;
  const content = readFileSync(path);
  plain += content.length;
  if (/\.(js|mjs|css|html|json|svg)$/.test(path) && content.length > 1024) {
    const br = brotliCompressSync(content);
    writeFileSync(path + '.br', br);
    writeFileSync(path + '.gz', gzipSync(content, {level: 9}));
    packed += br.length;
  } else packed += content.length;
}
console.log(`page: ${(plain / 1024).toFixed(0)} KiB, ${(packed / 1024).toFixed(0)} KiB packed`);
