import { MINUTE } from '@windvane/carbon-map';
import { ADD_ON_PLACEMENT_SCORE } from '../../../../src/planes/ocm/resources.ts';
import type { HandBackPace } from '../../../../src/planes/shared/hand-back-pace.ts';
import type { OcmWorld } from './world.ts';

/** Time passes in the world while somebody waits. */
export function paceIn(world: OcmWorld, more: Partial<HandBackPace> = {}): HandBackPace {
  return {
    now: () => world.clock.now(),
    pause: (length) => world.advance(length, length),
    timeout: 10 * MINUTE,
    force: false,
    tell() {},
    ...more,
  };
}

const OWN = ['found', 'step', 'shunned', 'surge-ends'].map((name) => `windvane.dev/${name}`);

/** What Windvane has left on the Placement `train` and on the scores of the hub. */
export async function tracesOf(world: OcmWorld, namespace: string): Promise<string[]> {
  const { metadata } = await world.placement(namespace, 'train');
  const { items } = await world.user.list(ADD_ON_PLACEMENT_SCORE);
  const scores = Object.keys(await world.scores(namespace, 'train'));
  return [
    ...Object.keys(metadata.annotations ?? {}).filter((key) => OWN.includes(key)),
    ...(metadata.managedFields ?? [])
      .filter(({ manager }) => manager === 'windvane')
      .map(({ operation }) => `managedFields ${operation}`),
    ...scores.map((cluster) => `score in ${cluster}`),
    ...(items.length === 0 ? [] : [`${items.length} score objects`]),
  ];
}

/** Whether the work was available somewhere at every moment from when it first was. */
export function neverAway(world: OcmWorld, namespace: string): boolean {
  const history = world.ocm.clusters.history(namespace, 'train');
  const first = history.findIndex(({ ready }) => ready.length > 0);
  return first >= 0 && history.slice(first).every(({ ready }) => ready.length > 0);
}
