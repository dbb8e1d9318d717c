import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { ADD_ON_PLACEMENT_SCORE } from '../resources.ts';
import { PUBLISHED_SCORES } from '../scores/published.ts';
import { STEERING_SCORES } from '../steering.ts';
import { holdingsOf, isMarked, readersOfPublished, scoreObjects } from './holdings.ts';
import { type HubSnapshot, readHub } from './read-hub.ts';
import { planOf, restorePlacements } from './restore.ts';

/** How the part of an uninstallation on a hub of Open Cluster Management ended. */
export type OcmUninstallation =
  | { readonly kind: 'done' }
  /** A Placement could not be handed back in time. */
  | { readonly kind: 'timeout' }
  /** Placements still draw on the published scores, which were left. */
  | { readonly kind: 'in-use'; readonly placements: readonly string[] };

async function remove(api: KubeApi, objects: readonly KubeObject[]): Promise<void> {
  for (const { metadata } of objects) {
    try {
      await api.delete(ADD_ON_PLACEMENT_SCORE, metadata);
    } catch (error) {
      if (!isKubeError(error, 'not-found')) throw error;
    }
  }
}

/** What it would write now, in words; nothing on a server that is no hub. Throws {@link KubeError}. */
export async function planOcmUninstall(api: KubeApi, hold: boolean): Promise<readonly string[]> {
  const hub = await readHub(api);
  if (hub === null) return [];
  const [steering, published] = [STEERING_SCORES, PUBLISHED_SCORES].map((name) => scoreObjects(hub, name));
  const deletion = (objects: readonly KubeObject[] | undefined, name: string): string[] =>
    objects === undefined || objects.length === 0
      ? []
      : [`delete AddOnPlacementScore ${name} in ${objects.length} clusters`];
  return [
    ...holdingsOf(hub)
      .filter((holding) => hold || isMarked(holding))
      .flatMap(planOf),
    ...deletion(steering, STEERING_SCORES),
    ...deletion(published, PUBLISHED_SCORES),
    ...readersOfPublished(hub).map((label) => `stop: ${label} still draws on the published scores`),
  ];
}

/**
 * Gives back every Placement, then deletes the scores that steer, then the published ones unless a Placement still
 * draws on them. Everything is frozen before. Can be run again after anything. Throws {@link KubeError}.
 * @param hold whether the workloads are put to observe, for a controller that lives on.
 */
export async function uninstallOcm(
  api: KubeApi,
  hold: boolean,
  pace: HandBackPace,
): Promise<OcmUninstallation> {
  const done = await restorePlacements(api, { kind: 'all', namespace: null }, pace, hold);
  if (done.some(({ outcome }) => outcome === 'timeout')) return { kind: 'timeout' };
  const hub: HubSnapshot | null = await readHub(api);
  if (hub === null) return { kind: 'done' };
  const steering = scoreObjects(hub, STEERING_SCORES);
  await remove(api, steering);
  if (steering.length > 0) pace.tell(`${STEERING_SCORES} is deleted in ${steering.length} clusters`);
  const readers = readersOfPublished(hub);
  const published = scoreObjects(hub, PUBLISHED_SCORES);
  if (readers.length > 0 && published.length > 0 && !pace.force)
    return { kind: 'in-use', placements: readers };
  await remove(api, published);
  if (published.length > 0) pace.tell(`${PUBLISHED_SCORES} is deleted in ${published.length} clusters`);
  return { kind: 'done' };
}
