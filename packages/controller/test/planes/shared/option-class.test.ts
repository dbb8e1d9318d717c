import { describe, expect, it } from 'vitest';
import type { ClusterOption } from '../../../src/engine/problem.ts';
import { sharedOptions } from '../../../src/planes/shared/option-class.ts';
import { mapOf } from '../karmada/support/maps.ts';

const FORECAST: ClusterOption['forecast'] = [];
const option = (changes: Partial<ClusterOption> = {}): ClusterOption => ({
  name: 'paris',
  zone: 'FR',
  ready: true,
  allowed: true,
  avoid: false,
  gramsPerKwh: 50,
  forecast: FORECAST,
  pue: 1,
  pricePerReplicaHour: null,
  headroomReplicas: 100,
  maxShare: 1,
  ...changes,
});

describe('sharedOptions', () => {
  it('gives equal questions one list', () => {
    const map = mapOf(0, { FR: 50 });
    const first = sharedOptions(map, [option()]);
    expect(sharedOptions(map, [option()])).toBe(first);
  });

  it.each([
    ['readiness', { ready: false }],
    ['room', { headroomReplicas: 99 }],
    ['permission', { allowed: false }],
    ['share', { maxShare: 0.5 }],
    ['intensity', { gramsPerKwh: 51 }],
  ])('keeps questions apart that differ in %s', (_, change) => {
    const map = mapOf(0, { FR: 50 });
    const first = sharedOptions(map, [option()]);
    const other = [option(change)];
    expect(sharedOptions(map, other)).toBe(other);
    expect(sharedOptions(map, [option()])).toBe(first);
  });

  it('shares nothing between two versions of the map', () => {
    const other = [option()];
    sharedOptions(mapOf(0, { FR: 50 }), [option()]);
    expect(sharedOptions(mapOf(0, { FR: 50 }), other)).toBe(other);
  });
});
