import { defineConfig } from 'vitest/config';

/** The system suites: a server that was built, over real sockets, one suite at a time so that none waits for another's load. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'clients/**'],
    environment: 'node',
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
  },
});
