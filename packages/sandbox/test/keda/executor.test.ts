import { describe, expect, it } from 'vitest';
import { requestScale, type Situation } from '../../src/keda/scaled-object/executor.ts';
import type { ScaledObjectSpec } from '../../src/keda/types.ts';

const NOW = 10_000_000;
const minutes = (count: number): number => count * 60_000;
const situation = (spec: Partial<ScaledObjectSpec>, more: Partial<Situation>): Situation => ({
  spec: { scaleTargetRef: { name: 'x' }, triggers: [], ...spec },
  replicas: 0,
  active: false,
  error: false,
  lastActiveTime: undefined,
  createdAt: NOW - minutes(60),
  now: NOW,
  ...more,
});

describe('the operator between 0 and 1', () => {
  it.each([
    ['wakes from 0', {}, { active: true }, 1],
    ['wakes to the minimum', { minReplicaCount: 3, idleReplicaCount: 0 }, { active: true }, 3],
    ['leaves what runs to the autoscaler', {}, { active: true, replicas: 4 }, undefined],
    ['stays at 0', {}, {}, undefined],
    ['stops what never was active', {}, { replicas: 4 }, 0],
    ['waits for the first cooldown', { initialCooldownPeriod: 7200 }, { replicas: 4 }, undefined],
    ['waits for the cooldown', {}, { replicas: 4, lastActiveTime: NOW - minutes(5) }, undefined],
    ['stops after the cooldown', {}, { replicas: 4, lastActiveTime: NOW - minutes(5) - 1 }, 0],
    ['stops at once without cooldown', { cooldownPeriod: 0 }, { replicas: 4, lastActiveTime: NOW - 1 }, 0],
    ['never goes below a minimum', { minReplicaCount: 2 }, { replicas: 4 }, undefined],
    ['lifts to the minimum', { minReplicaCount: 2 }, { replicas: 1 }, 2],
    ['goes to idle', { minReplicaCount: 2, idleReplicaCount: 0 }, { replicas: 4 }, 0],
    ['leaves everything alone on errors', {}, { replicas: 4, error: true }, undefined],
    ['wakes in spite of an error elsewhere', {}, { active: true, error: true }, 1],
  ] as const)('%s', (_name, spec, more, replicas) => {
    expect(requestScale(situation(spec, more)).replicas).toBe(replicas);
  });

  it('says what is wrong', () => {
    expect(requestScale(situation({}, { error: true }))).toMatchObject({
      ready: 'False',
      reason: 'TriggerError',
    });
    expect(requestScale(situation({}, { error: true, active: true }))).toMatchObject({
      ready: 'Unknown',
      reason: 'PartialTriggerError',
    });
  });
});
