import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { CARBON_PLACEMENT } from '../shared/resources.ts';
import { placementOf } from './read/decision.ts';
import { replicaSetView } from './read/replica-set.ts';
import { storedScores } from './read/scores.ts';
import { isAvailable } from './read/work.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from './resources.ts';
import { PUBLISHED_SCORES } from './scores/published.ts';
import { STEERING_SCORES } from './steering.ts';
import { unitKey } from './unit-index.ts';

/** Which keys a change concerns. `all` for changes that may concern any unit. */
export type Concerned = 'all' | readonly string[];

/** Key of a CarbonPlacement among the keys of units. */
export const STATUS_KEY = 'CarbonPlacement ';
/** Key of the published score of a cluster among them. */
export const SCORE_KEY = 'Score ';

/** Heartbeats do not change what a decision turns on. */
function sameCluster(now: KubeObject, before: KubeObject): boolean {
  const essence = ({ spec, status, metadata }: KubeObject): unknown => {
    const { conditions, clusterClaims, allocatable, capacity }: Record<string, unknown> = {
      ...Object(status),
    };
    const states = Array.isArray(conditions)
      ? conditions.map((each: { type?: unknown; status?: unknown }) => [each.type, each.status])
      : null;
    const { labels, annotations, deletionTimestamp } = metadata;
    return [spec, states, clusterClaims, allocatable, capacity, labels, annotations, deletionTimestamp];
  };
  return isDeepStrictEqual(essence(now), essence(before));
}

function followers(set: KubeObject | null): string[] {
  if (set === null) return [];
  const namespace = set.metadata.namespace ?? '';
  return replicaSetView(set).placements.map((name) => unitKey(`${namespace}/${name}`));
}

/** Units whose score in one object differs. */
function rescored(now: KubeObject | null, before: KubeObject | null): string[] {
  const [after, earlier] = [now, before].map((each) =>
    each === null ? new Map() : storedScores(each).values,
  );
  const names = new Set([...(after?.keys() ?? []), ...(earlier?.keys() ?? [])]);
  return [...names]
    .filter((name) => after?.get(name) !== earlier?.get(name))
    .map((name) => unitKey(String(name).replace('.', '/')));
}

export function concernedBy(
  type: ResourceType,
  now: KubeObject | null,
  before: KubeObject | null,
  /** The ManifestWorkReplicaSet that made a ManifestWork. */
  setOf: (work: KubeObject) => KubeObject | null,
): Concerned {
  const object = now ?? before;
  if (object === null) return [];
  switch (type) {
    case PLACEMENT:
      return now === null || before === null ? 'all' : [unitKey(keyOf(object))];
    case PLACEMENT_DECISION: {
      const key = placementOf(object);
      return key === null ? [] : [unitKey(key)];
    }
    case MANIFEST_WORK:
      if (now !== null && before !== null && isAvailable(now) === isAvailable(before)) return [];
      return followers(setOf(object));
    case MANIFEST_WORK_REPLICA_SET: {
      const label = `${type.kind} ${keyOf(object)}`;
      const status = `${STATUS_KEY}${keyOf(object)}-${type.kind.toLowerCase()}`;
      return [...followers(now), ...followers(before), label, status];
    }
    case ADD_ON_PLACEMENT_SCORE: {
      const { name, namespace = '' } = object.metadata;
      if (name === STEERING_SCORES) return rescored(now, before);
      return name === PUBLISHED_SCORES && now === null ? [`${SCORE_KEY}${namespace}`] : [];
    }
    case CARBON_PLACEMENT:
      return [`${STATUS_KEY}${keyOf(object)}`];
    case MANAGED_CLUSTER:
      return now !== null && before !== null && sameCluster(now, before) ? [] : 'all';
    default:
      return 'all';
  }
}
