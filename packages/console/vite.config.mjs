import { defineConfig } from 'vite';

/** The page as files that the server hands out: nothing inline, so that its content policy can forbid all of that. */
export default defineConfig({
  root: import.meta.dirname,
  // Wherever a proxy puts it, the page finds its parts beside itself.
  base: './',
  logLevel: 'warn',
  clearScreen: false,
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The official client brings its voice along, unmodified.
    chunkSizeWarningLimit: 2_000,
    license: { fileName: 'assets/licences.md' },
  },
});
