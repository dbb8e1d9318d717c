import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  goalOf,
  nextStep,
  type Pod,
  type RolloutGoal,
  rolloutStatus,
  scaledAway,
} from '../../../src/karmada/member/rollout.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';

const NEW = { image: 'new' };
const OLD = { image: 'old' };

function pods(count: number, template: unknown, ready: boolean): Pod[] {
  return Array.from({ length: count }, (_, index) => ({ index, template, ready }));
}

function goal(replicas: number, rest: Partial<RolloutGoal> = {}): RolloutGoal {
  return { replicas, template: NEW, maxSurge: 1, maxUnavailable: 0, ...rest };
}

function workload(kind: string, spec: object): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', generation: 3 },
    spec: { template: NEW, ...spec },
  };
}

describe('the goal of a workload', () => {
  it.each([
    ['defaults of 25 %', workload('Deployment', { replicas: 10 }), { maxSurge: 3, maxUnavailable: 2 }],
    [
      'one replica when none is given',
      workload('Deployment', {}),
      { replicas: 1, maxSurge: 1, maxUnavailable: 0 },
    ],
    [
      'absolute numbers',
      workload('Deployment', {
        replicas: 4,
        strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
      }),
      { maxSurge: 2, maxUnavailable: 0 },
    ],
    [
      'two zeros as one pod at a time',
      workload('Deployment', {
        replicas: 4,
        strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      }),
      { maxSurge: 0, maxUnavailable: 1 },
    ],
    [
      'Recreate',
      workload('Deployment', { replicas: 4, strategy: { type: 'Recreate' } }),
      { maxSurge: 0, maxUnavailable: 4 },
    ],
    ['a StatefulSet', workload('StatefulSet', { replicas: 3 }), { maxSurge: 0, maxUnavailable: 1 }],
  ])('reads %s', (_what, object, expected) => {
    expect(goalOf(object)).toMatchObject(expected);
  });
});

describe('a step', () => {
  it('starts what is missing', () => {
    expect(nextStep(pods(2, NEW, true), goal(5))).toEqual({ remove: [], start: [2, 3, 4] });
  });

  it('uses a free index again', () => {
    const second = pods(2, NEW, true).slice(1);
    expect(nextStep(second, goal(2)).start).toEqual([0]);
  });

  it('scales down at once, pods that are not ready first', () => {
    const some = [...pods(2, NEW, true), { index: 2, template: NEW, ready: false }];
    const { remove, start } = nextStep(some, goal(1));
    expect(remove.map((pod) => pod.index)).toEqual([2, 1]);
    expect(start).toEqual([]);
  });

  it('surges before it takes an old ready pod away', () => {
    const first = nextStep(pods(3, OLD, true), goal(3));
    expect(first).toEqual({ remove: [], start: [3] });
    const waiting = [...pods(3, OLD, true), { index: 3, template: NEW, ready: false }];
    expect(nextStep(waiting, goal(3))).toEqual({ remove: [], start: [] });
    const arrived = [...pods(3, OLD, true), { index: 3, template: NEW, ready: true }];
    expect(nextStep(arrived, goal(3)).remove).toHaveLength(1);
  });

  it('takes old pods that are not ready away without waiting', () => {
    expect(nextStep(pods(3, OLD, false), goal(3)).remove).toHaveLength(3);
  });
});

describe('a scale-down in the middle of a rolling update', () => {
  const young = { index: 9, template: NEW, ready: false };
  const gone = (some: readonly Pod[], from: number, to: number) => {
    const away = scaledAway(some, goal(from, { maxSurge: 2 }), goal(to));
    return {
      old: away.filter((pod) => pod.template === OLD).length,
      new: away.filter((pod) => pod.template === NEW).length,
    };
  };

  it('takes from old and new pods in proportion', () => {
    expect(gone([...pods(4, OLD, true), young, young, young], 5, 3)).toEqual({ old: 2, new: 1 });
  });

  it('leaves what rounding leaves to the largest ReplicaSet', () => {
    expect(gone([...pods(3, OLD, true), young, young, young], 4, 2)).toEqual({ old: 2, new: 1 });
  });

  it('takes everything at zero', () => {
    expect(gone([...pods(4, OLD, true), young], 5, 0)).toEqual({ old: 4, new: 1 });
  });

  it('takes nothing while the surge of the smaller size holds all', () => {
    expect(gone([...pods(3, OLD, true), young], 4, 3)).toEqual({ old: 0, new: 0 });
  });

  it('is not asked without a rollout or for more replicas', () => {
    expect(gone(pods(4, OLD, true), 4, 2)).toEqual({ old: 0, new: 0 });
    expect(gone([...pods(4, OLD, true), young], 4, 6)).toEqual({ old: 0, new: 0 });
  });
});

describe('a rollout', () => {
  const scenario = fc.record({
    replicas: fc.integer({ min: 0, max: 12 }),
    before: fc.integer({ min: 0, max: 12 }),
    maxSurge: fc.integer({ min: 0, max: 4 }),
    maxUnavailable: fc.integer({ min: 0, max: 4 }),
    order: fc.array(fc.nat(), { maxLength: 60 }),
  });

  it('ends with exactly the pods that are wanted, and never strays further than it may', () => {
    fc.assert(
      fc.property(scenario, ({ replicas, before, maxSurge, maxUnavailable, order }) => {
        const bounded = goal(replicas, {
          maxSurge,
          maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable,
        });
        let live = pods(before, OLD, true);
        const floor = Math.min(before, replicas - bounded.maxUnavailable);
        const ceiling = Math.max(before, replicas + maxSurge);
        let picks = [...order];
        for (let round = 0; round < 200; round += 1) {
          const step = nextStep(live, bounded);
          live = live.filter((pod) => !step.remove.includes(pod));
          live.push(...step.start.map((index) => ({ index, template: NEW, ready: false })));
          expect(live.length).toBeLessThanOrEqual(ceiling);
          expect(live.filter((pod) => pod.ready).length).toBeGreaterThanOrEqual(floor);
          expect(new Set(live.map((pod) => pod.index)).size).toBe(live.length);
          if (step.remove.length > 0 || step.start.length > 0) continue;
          const unready = live.filter((pod) => !pod.ready);
          if (unready.length === 0) break;
          const [pick = 0, ...rest] = picks;
          picks = rest;
          const chosen = unready[pick % unready.length];
          if (chosen !== undefined) chosen.ready = true;
        }
        expect(live).toHaveLength(replicas);
        expect(live.every((pod) => pod.ready && pod.template === NEW)).toBe(true);
      }),
    );
  });
});

describe('the status', () => {
  it('counts what runs, what is updated and what is missing', () => {
    const running = [...pods(2, OLD, true), { index: 2, template: NEW, ready: false }];
    expect(rolloutStatus(workload('Deployment', { replicas: 2 }), running)).toEqual({
      observedGeneration: 3,
      replicas: 3,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      unavailableReplicas: 1,
    });
  });
});
