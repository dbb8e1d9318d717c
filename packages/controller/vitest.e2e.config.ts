import { defineConfig } from 'vitest/config';

/** Suites against live control planes; `npm run test:e2e`. They skip, saying so, what the environment does not name. */
export default defineConfig({
  test: {
    include: ['packages/*/e2e/**/*.e2e.ts'],
    environment: 'node',
    testTimeout: 180_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
