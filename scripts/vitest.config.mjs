import { defineConfig } from 'vitest/config';

/** Tests of the house itself: a check that cannot fail is no check. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ['**/*.test.mjs'], environment: 'node', pool: 'forks', maxWorkers: 2, testTimeout: 60_000 },
});
