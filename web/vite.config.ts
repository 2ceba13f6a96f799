import {defineConfig} from 'vite';

// No file is inlined and nothing is injected: the page runs under a policy that forbids both.
export default defineConfig({
  base: '/',
  esbuild: false,
  oxc: {jsx: {runtime: 'automatic', importSource: 'preact'}},
  build: {
    outDir: '../src/serai/server/static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    chunkSizeWarningLimit: 1500,
    rollupOptions: {input: ['index.html', 'embed.html']},
  },
});
