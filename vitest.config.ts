import { defineConfig } from 'vitest/config';

/** Against a real API server the suites wait for another process, and several servers would starve each other. */
const realServer = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
    environment: 'node',
    // A busy machine must not fail a test: what hangs is found all the same, only later.
    testTimeout: realServer ? 180_000 : 120_000,
    hookTimeout: realServer ? 240_000 : 120_000,
    // Two cores: a pool of forks keeps one slow suite from starving the others.
    pool: 'forks',
    maxWorkers: realServer ? 1 : 2,
  },
});
