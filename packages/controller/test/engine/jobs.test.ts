import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideJob, type JobProblem } from '../../src/engine/jobs.ts';
import type { ClusterOption } from '../../src/engine/problem.ts';
import { AT, cluster, HOUR, path } from './problems.ts';

function job(clusters: readonly ClusterOption[], rest: Partial<JobProblem> = {}): JobProblem {
  return {
    job: 'batch/train',
    at: AT,
    latestStart: AT + 12 * HOUR,
    duration: 2 * HOUR,
    clusters,
    objective: 'carbon',
    forecastResolution: HOUR,
    carbonPricePerKg: 0,
    wattsPerReplica: 100,
    ...rest,
  };
}

/** 24 hours of 300 g with a dip of 100 g in hours 5 and 6. */
const dipping = (name: string, dip = 100) =>
  cluster(name, 300, {
    forecast: path(Array.from({ length: 24 }, (_, hour) => (hour === 5 || hour === 6 ? dip : 300))),
  });

describe('decideJob', () => {
  it('waits for the cleanest window before its latest start', () => {
    const decision = decideJob(job([dipping('a'), cluster('b', 200)]));
    expect(decision).toMatchObject({
      outcome: 'wait',
      cluster: 'a',
      plannedStart: AT + 5 * HOUR,
      gramsPerKwh: 100,
      gramsPerKwhNow: 200,
      late: false,
      text: 'Waits 5 h for a, 100 g/kWh expected instead of 200 now.',
    });
  });

  it('takes the best place now when the better window comes too late', () => {
    const decision = decideJob(job([dipping('a'), cluster('b', 200)], { latestStart: AT + 3 * HOUR }));
    expect(decision).toMatchObject({ outcome: 'start', cluster: 'b', plannedStart: AT });
    expect(decision.text).toBe('Starts in b, 200 g/kWh expected.');
  });

  it('starts at once among equals: waiting for nothing is no gain', () => {
    expect(decideJob(job([cluster('a', 200), cluster('b', 200)]))).toMatchObject({
      outcome: 'start',
      cluster: 'a',
    });
  });

  it('counts only the part of the last hour that it runs in', () => {
    const values = [200, 100, 400, ...Array.from({ length: 20 }, () => 500)];
    const at = (duration: number) =>
      decideJob(job([cluster('a', 200, { forecast: path(values) })], { duration })).plannedStart;
    expect(at(HOUR)).toBe(AT + HOUR);
    // In half an hour: (200 / 2 + 100) / 1.5 = 133; now: 167; in an hour: 200.
    expect(at(1.5 * HOUR)).toBe(AT + HOUR / 2);
  });

  it('repeats the last day of a forecast that is too short', () => {
    const day = path(Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 50 : 300)));
    const decision = decideJob(
      job([cluster('a', 300, { forecast: day.map((point) => ({ ...point, at: point.at })) })], {
        at: AT,
        latestStart: AT + 40 * HOUR,
        duration: HOUR,
      }),
    );
    expect(decision.plannedStart).toBe(AT + 2 * HOUR);
  });

  it('goes at its latest start, dirty or blind, and says when it is late', () => {
    const due = decideJob(job([cluster('a', 900), cluster('b', 800)], { latestStart: AT }));
    expect(due).toMatchObject({ outcome: 'start', cluster: 'b', late: false });
    expect(due.text).toContain('its latest start is here');
    const blind = decideJob(job([cluster('b', null), cluster('a', null)], { latestStart: AT - 1 }));
    expect(blind).toMatchObject({ outcome: 'start', cluster: 'a', gramsPerKwh: null, late: true });
  });

  it('waits for data while there is time', () => {
    expect(decideJob(job([cluster('a', null)]))).toMatchObject({
      outcome: 'wait',
      cluster: null,
      plannedStart: null,
    });
  });

  it('goes only where it may: ready, allowed, not avoided, with room', () => {
    const closed = [
      cluster('a', 10, { ready: false }),
      cluster('b', 20, { allowed: false }),
      cluster('c', 30, { avoid: true }),
      cluster('d', 40, { headroomReplicas: 0 }),
    ];
    expect(decideJob(job([...closed, cluster('e', 50)]))).toMatchObject({ outcome: 'start', cluster: 'e' });
    expect(decideJob(job(closed))).toMatchObject({
      outcome: 'wait',
      cluster: null,
      text: 'No room in any cluster that it may use: waits for room or its latest start.',
    });
    expect(decideJob(job(closed.slice(0, 3))).outcome).toBe('refuse');
    expect(decideJob(job(closed, { latestStart: AT }))).toMatchObject({ outcome: 'start', cluster: 'd' });
    expect(decideJob(job(closed.slice(0, 3), { latestStart: AT })).outcome).toBe('refuse');
  });

  it('counts the pods that have to fit at once', () => {
    const small = cluster('a', 10, { headroomReplicas: 3 });
    const large = cluster('b', 50, { headroomReplicas: 4 });
    expect(decideJob(job([small, large], { replicas: 3 })).cluster).toBe('a');
    expect(decideJob(job([small, large], { replicas: 4 })).cluster).toBe('b');
  });

  it('starts with a step of the forecast, also when asked in the middle of one', () => {
    const asked = decideJob(job([dipping('a')], { at: AT + 17 * 60_000 }));
    expect(asked).toMatchObject({ plannedStart: AT + 5 * HOUR, gramsPerKwh: 100 });
    expect(asked.text).toBe('Waits 4 h 43 min for a, 100 g/kWh expected instead of 300 now.');
  });

  it('answers the same when it is asked again with the same expectations', () => {
    const values = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 719 }), (a, b, minutes) => {
        const both = [
          cluster('a', a[0] ?? 0, { forecast: path(a) }),
          cluster('b', b[0] ?? 0, { forecast: path(b) }),
        ];
        const first = decideJob(job(both));
        const at = Math.min(first.plannedStart ?? AT, AT + minutes * 60_000);
        const hour = Math.floor((at - AT) / HOUR);
        const later = both.map((each, which) => ({
          ...each,
          gramsPerKwh: (which === 0 ? a : b)[hour] ?? 0,
        }));
        const again = decideJob(job(later, { at, planned: null }));
        expect(again).toMatchObject({ cluster: first.cluster, plannedStart: first.plannedStart });
      }),
    );
  });

  it('keeps its plan until another is better by a hundredth', () => {
    const planned = { cluster: 'b', start: AT + 5 * HOUR };
    const other = (dip: number) => decideJob(job([dipping('a', dip), dipping('b')], { planned }));
    expect(other(99.5).cluster).toBe('b');
    expect(other(98).cluster).toBe('a');
    // A start that has come is taken.
    const due = decideJob(
      job([cluster('a', 100), cluster('b', 100.5)], { at: AT, planned: { cluster: 'b', start: AT } }),
    );
    expect(due).toMatchObject({ outcome: 'start', cluster: 'b' });
    expect(decideJob(job([cluster('a', 100)], { planned })).cluster).toBe('a');
  });

  it('weighs prices, and always tells the carbon', () => {
    const night = cluster('a', 500, {
      pricePerKwh: Array.from({ length: 24 }, (_, h) => (h === 3 ? 0.1 : 0.4)),
    });
    const decision = decideJob(job([night], { objective: 'cost', duration: HOUR }));
    expect(decision).toMatchObject({ plannedStart: AT + 3 * HOUR, gramsPerKwh: 500 });
    const unpriced = decideJob(job([cluster('a', 500)], { objective: 'blended' }));
    expect(unpriced.text).toBe(
      'No price for any cluster that it may use: waits for price or its latest start.',
    );
    expect(unpriced.clusters[0]).toMatchObject({ constraint: 'no-price', rank: null });
  });

  it('tells the part of every cluster, and why the runner-up lost', () => {
    const decision = decideJob(job([cluster('c', 10, { ready: false }), dipping('a'), cluster('b', 200)]));
    expect(decision.runnerUp).toEqual({ cluster: 'b', reason: '100 % dirtier, starting now' });
    expect(decision.clusters.map(({ reason }) => reason)).toEqual([
      'a: 100 g/kWh when started in 5 h, cleanest of 2',
      'b: 200 g/kWh when started now, 2nd cleanest of 2',
      'c: not ready',
    ]);
    expect(decideJob(job([cluster('a', 1)])).runnerUp).toBeNull();
  });

  it('finds what trying every cluster and start finds', () => {
    const series = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(
        fc.array(series, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 18 }),
        (all, slack) => {
          const clusters = all.map((values, index) =>
            cluster(`c${index}`, values[0] ?? 0, { forecast: path(values) }),
          );
          const decision = decideJob(job(clusters, { latestStart: AT + slack * HOUR }));
          const means = all.flatMap((values) =>
            Array.from(
              { length: slack + 1 },
              (_, hour) => ((values[hour] ?? 0) + (values[hour + 1] ?? 0)) / 2,
            ),
          );
          expect(decision.gramsPerKwh).toBeCloseTo(Math.min(...means), 6);
          expect(decideJob(job(clusters.toReversed(), { latestStart: AT + slack * HOUR }))).toEqual(decision);
        },
      ),
    );
  });
});

describe('decideJob where jobs share room', () => {
  const full = (name: string, from: number, until: number) => (cluster_: string, start: number) =>
    cluster_ !== name || start < AT + from * HOUR || start >= AT + until * HOUR;

  it('takes the best start that still has room', () => {
    const decision = decideJob(job([dipping('a'), cluster('b', 250)], { fits: full('a', 4, 6) }));
    expect(decision).toMatchObject({ outcome: 'wait', cluster: 'a', plannedStart: AT + 6 * HOUR });
  });

  it('waits without a plan while no start has room, and says so', () => {
    const decision = decideJob(job([dipping('a')], { fits: () => false }));
    expect(decision).toMatchObject({ outcome: 'wait', cluster: null, plannedStart: null });
    expect(decision.text).toContain('No room in any cluster');
    expect(decision.clusters[0]?.constraint).toBe('headroom');
  });

  it('at its latest start prefers a place with room, and goes without one all the same', () => {
    const clusters = [cluster('a', 100), cluster('b', 200)];
    const due = { latestStart: AT };
    expect(decideJob(job(clusters, { ...due, fits: (name) => name === 'b' }))).toMatchObject({
      outcome: 'start',
      cluster: 'b',
    });
    expect(decideJob(job(clusters, { ...due, fits: () => false }))).toMatchObject({
      outcome: 'start',
      cluster: 'a',
    });
  });

  it('gives up a plan whose room is gone', () => {
    const planned = { cluster: 'a', start: AT + 5 * HOUR };
    const kept = decideJob(job([dipping('a'), cluster('b', 250)], { planned }));
    expect(kept).toMatchObject({ cluster: 'a', plannedStart: AT + 5 * HOUR });
    const lost = decideJob(job([dipping('a'), cluster('b', 250)], { planned, fits: (name) => name === 'b' }));
    expect(lost).toMatchObject({ outcome: 'start', cluster: 'b' });
  });
});
