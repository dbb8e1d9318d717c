import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRoom } from '../../src/dispatch/room.ts';
import { inOrderOfNeed, scheduleJobs, type WaitingJob } from '../../src/dispatch/schedule.ts';
import { AT, cluster, HOUR, path } from '../engine/problems.ts';

const terms = { now: AT, forecastResolution: HOUR, carbonPricePerKg: 0 };
const free = { cpuMillis: 2_000, memoryBytes: 1e12, pods: 1_000 };

/** Clean in hours 5 and 6. */
const dip = path(Array.from({ length: 48 }, (_, hour) => (hour === 5 || hour === 6 ? 50 : 300)));
const clusters = [cluster('a', 300, { forecast: dip }), cluster('b', 310)];

function waiting(label: string, dueInHours: number, rest: Partial<WaitingJob> = {}): WaitingJob {
  return {
    label,
    due: AT + dueInHours * HOUR,
    duration: HOUR,
    requests: { cpuMillis: 1_000, memoryBytes: 1, pods: 1 },
    objective: 'carbon',
    wattsPerReplica: 100,
    clusters,
    planned: null,
    ...rest,
  };
}

describe('the joint schedule', () => {
  it('gives the clean hours to those that have least choice, and the others the next best', () => {
    const jobs = ['f', 'e', 'd', 'c'].map((label, index) => waiting(label, 20 - index));
    const planned = scheduleJobs(
      jobs,
      terms,
      createRoom(AT, () => free),
    );
    const starts = Object.fromEntries([...planned].map(([label, each]) => [label, each.plannedStart]));
    expect(starts).toMatchObject({ c: AT + 5 * HOUR, d: AT + 5 * HOUR, e: AT + 6 * HOUR, f: AT + 6 * HOUR });
    const fifth = scheduleJobs(
      [...jobs, waiting('z', 30)],
      terms,
      createRoom(AT, () => free),
    ).get('z');
    expect(fifth?.gramsPerKwh).toBe(300);
  });

  it('never promises more than there is, and never a start after the latest', () => {
    const job = fc.record({
      due: fc.integer({ min: 0, max: 30 }),
      hours: fc.integer({ min: 1, max: 6 }),
      cpuMillis: fc.integer({ min: 100, max: 2_500 }),
    });
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 30 }), (drawn) => {
        const jobs = drawn.map(({ due, hours, cpuMillis }, index) =>
          waiting(`job ${String(index).padStart(2, '0')}`, due, {
            duration: hours * HOUR,
            requests: { cpuMillis, memoryBytes: 1, pods: 1 },
          }),
        );
        const planned = scheduleJobs(
          jobs,
          terms,
          createRoom(AT, () => free),
        );
        expect(planned.size).toBe(jobs.length);
        const used = new Map<string, number>();
        for (const each of jobs) {
          const { cluster: name, plannedStart, outcome } = planned.get(each.label)!;
          // Without room before its latest start it goes on waiting, and at that it goes anyway.
          expect(plannedStart !== null || (outcome === 'wait' && each.due > AT)).toBe(true);
          if (plannedStart === null) continue;
          expect(plannedStart).toBeLessThanOrEqual(Math.max(AT, each.due));
          // What is due goes whether there is room or not.
          if (each.due <= AT) continue;
          const last = Math.ceil((plannedStart + each.duration) / HOUR);
          for (let hour = Math.floor(plannedStart / HOUR); hour < last; hour += 1) {
            const key = `${name} ${hour}`;
            used.set(key, (used.get(key) ?? 0) + each.requests.cpuMillis);
          }
        }
        for (const sum of used.values()) expect(sum).toBeLessThanOrEqual(free.cpuMillis);
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on the order in which Jobs are listed', () => {
    const jobs = ['a', 'b', 'c', 'd'].map((label, index) => waiting(label, 10 + (index % 2)));
    const plan = (list: readonly WaitingJob[]) =>
      [
        ...scheduleJobs(
          list,
          terms,
          createRoom(AT, () => free),
        ),
      ].map(([label, { cluster: name, plannedStart }]) => [label, name, plannedStart]);
    expect(plan(jobs.toReversed())).toEqual(plan(jobs));
    expect(inOrderOfNeed(jobs).map(({ label }) => label)).toEqual(['a', 'c', 'b', 'd']);
  });
});
