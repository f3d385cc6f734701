import { defineConfig } from 'vitest/config';

/** The unit suites: beside their files, on the compiled output, so that workers and packages load exactly as in production. */
export default defineConfig({
  test: {
    include: ['packages/*/dist/**/*.test.js'],
    exclude: ['**/node_modules/**'],
    environment: 'node',
    pool: 'forks',
    maxWorkers: 2,
    // Nobody asserts on time, so the limit only says when a test hangs, also on a busy machine.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // What is under test is imported by Node itself and not through Vite: one instance of a module, real ESM, nothing to mock.
    server: { deps: { external: [/\/packages\/[^/]+\/dist\/(?!.*\.test\.js)/] } },
  },
});
