import type { Hub } from '../../runtime/client/hub.ts';
import { equalJson, keyOf } from '../../runtime/client/object.ts';
import type { Store } from '../../runtime/client/store.ts';
import { PLACEMENT_DECISION } from '../resources.ts';
import type { DecisionGroupStatus, Placement, PlacementDecision } from '../types.ts';
import { DECISION_GROUP_INDEX_LABEL, DECISION_GROUP_NAME_LABEL, PLACEMENT_LABEL } from '../well-known.ts';
import type { Group } from './groups.ts';

export const WRITER = 'placement';

/** Decisions that one object may hold. */
const PER_OBJECT = 100;

interface Wanted {
  readonly decisions: readonly PlacementDecision[];
  readonly groups: readonly DecisionGroupStatus[];
}

function slices(clusters: readonly string[]): readonly (readonly string[])[] {
  const result: (readonly string[])[] = [];
  for (let at = 0; at < clusters.length; at += PER_OBJECT) result.push(clusters.slice(at, at + PER_OBJECT));
  return result.length === 0 ? [[]] : result;
}

/** The PlacementDecisions of a Placement: `<name>-decision-1` and on, at most 100 clusters each. */
export function wantedDecisions(placement: Placement, groups: readonly Group[]): Wanted {
  const { name, namespace, uid } = placement.metadata;
  const decisions: PlacementDecision[] = [];
  const statuses = groups.map((group, index): DecisionGroupStatus => {
    const names = slices(group.clusters).map((clusters) => {
      const decision: PlacementDecision = {
        apiVersion: PLACEMENT_DECISION.apiVersion,
        kind: PLACEMENT_DECISION.kind,
        metadata: {
          name: `${name}-decision-${decisions.length + 1}`,
          ...(namespace === undefined ? {} : { namespace }),
          labels: {
            [PLACEMENT_LABEL]: name,
            [DECISION_GROUP_NAME_LABEL]: group.name,
            [DECISION_GROUP_INDEX_LABEL]: String(index),
          },
          ownerReferences: [
            {
              apiVersion: placement.apiVersion,
              kind: placement.kind,
              name,
              uid: uid ?? '',
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        },
        status: { decisions: clusters.map((clusterName) => ({ clusterName, reason: '' })) },
      };
      decisions.push(decision);
      return decision.metadata.name;
    });
    return {
      decisionGroupIndex: index,
      decisionGroupName: group.name,
      decisions: names,
      clusterCount: group.clusters.length,
    };
  });
  return { decisions, groups: statuses };
}

/** Brings the objects to what is wanted: creates, then changes the status, or else the labels, then deletes. */
export async function writeDecisions(
  hub: Hub,
  store: Store<PlacementDecision>,
  placement: string,
  wanted: readonly PlacementDecision[],
): Promise<void> {
  const keep = new Set(wanted.map(keyOf));
  for (const decision of wanted) {
    const { status, ...object } = decision;
    const existing =
      store.get(keyOf(decision)) ?? (await hub.create<PlacementDecision>(PLACEMENT_DECISION, object, WRITER));
    const { uid, resourceVersion } = existing.metadata;
    const known = existing.status?.decisions ?? [];
    if (!equalJson(known, status?.decisions)) {
      const patch = { metadata: { uid, resourceVersion }, status };
      await hub.patch(PLACEMENT_DECISION, existing, patch, WRITER, 'status');
      // As OCM: the labels follow on the next pass, which this change brings about.
      continue;
    }
    const labels = decision.metadata.labels ?? {};
    if (!equalJson(existing.metadata.labels ?? {}, labels)) {
      const gone = Object.keys(existing.metadata.labels ?? {}).filter((key) => labels[key] === undefined);
      const metadata = {
        uid,
        resourceVersion,
        labels: { ...Object.fromEntries(gone.map((key) => [key, null])), ...labels },
      };
      await hub.patch(PLACEMENT_DECISION, existing, { metadata }, WRITER);
    }
  }
  for (const decision of store.by('placement', placement)) {
    if (!keep.has(keyOf(decision))) await hub.remove(PLACEMENT_DECISION, decision);
  }
}
