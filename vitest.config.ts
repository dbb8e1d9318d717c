import { defineConfig } from 'vitest/config';

/** Against a real API server the suites wait for another process, and several servers would starve each other. */
const realServer = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tests/**/*.test.ts'],
    environment: 'node',
    testTimeout: realServer ? 180_000 : 30_000,
    hookTimeout: realServer ? 240_000 : 60_000,
    // Two cores: a pool of forks keeps one slow suite from starving the others.
    pool: 'forks',
    maxWorkers: realServer ? 1 : 2,
  },
});
