import { describe, expect, it } from 'vitest';
import { type Grids, playJobs } from './support/job-days.ts';
import { testServers } from './support/servers.ts';

/** `npm run faults -- dispatch` plays 500 Jobs over three days of recorded grids. */
const JOBS = 24;
const HOURS = 18;

/** Three grids that are clean at different hours, and forecasts that are a little wrong. */
const grids: Grids = {
  zones: ['DE', 'GB', 'US-CAL-CISO'],
  grams: (zone, hour) => {
    const shift = { DE: 0, GB: 4, 'US-CAL-CISO': 9 }[zone] ?? 0;
    return Math.round(300 - 200 * Math.sin(((hour + shift) / 24) * 2 * Math.PI));
  },
  expected: (zone, hour) =>
    Array.from({ length: 48 }, (_, ahead) => grids.grams(zone, hour + ahead) * (1 + ((ahead * 7) % 5) / 50)),
};

const [sandbox] = testServers('Karmada plane, days of Jobs');

describe('Jobs over a day with freezes, an outage, kills and restarts', () => {
  it('none starts late, none is touched afterwards, and what is overdue goes first', async () => {
    if (sandbox === undefined) throw new Error('there is always a sandbox');
    const { grams, ...run } = await playJobs(sandbox, { grids, jobs: JOBS, hours: HOURS, seed: 3 });
    expect(run).toMatchObject({ late: [], astray: [], touched: [], early: [], outOfOrder: [] });
    // Something happened that could have gone wrong.
    expect(run.frozenStarts).toBeGreaterThan(0);
    expect(run.overdueStarts).toBeGreaterThan(0);
    expect(run.kills).toBeGreaterThan(0);
    expect(run.restarts).toBeGreaterThan(0);
    expect(grams.windvane).toBeLessThan(grams.home);
    expect(grams.windvane).toBeGreaterThanOrEqual(grams.optimum);
  }, 180_000);
});
