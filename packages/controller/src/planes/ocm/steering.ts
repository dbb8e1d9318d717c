import { isDeepStrictEqual } from 'node:util';
import { FIELD_MANAGER } from '../../kube/api.ts';
import type { KubeObject, ManagedFieldsEntry } from '../../kube/resource.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import type { PrioritizerPolicy } from './read/placement.ts';

/** Name of the AddOnPlacementScore that steers Placements: one in the namespace of every cluster. */
export const STEERING_SCORES = 'windvane-placements';

/** Score of a cluster that is chosen. */
export const CHOSEN = 100;
/** Best score of an eligible cluster that is not chosen. At 90 it would tie with a newcomer that is to take its place. */
export const BEST_REST = 80;
/** By so many points may one cluster lead another, and Steady still decide between them: ten would be a tie. */
export const STEADY_BAND = 9;
/** Score of a cluster that Windvane does not choose. OCM takes it all the same when there are too few others. */
export const EXCLUDED = -100;

const ADD_ON_WEIGHT = 10;
const STEADY_WEIGHT = 1;

/** Name of a Placement's score. Namespaces have no dots, so that no two Placements share one. */
export function scoreName(placement: { readonly metadata: { name: string; namespace?: string } }): string {
  return `${placement.metadata.namespace ?? ''}.${placement.metadata.name}`;
}

/**
 * The policy under which scores decide alone, and a lost score or two decide nothing: a chosen cluster leads by its
 * score (100 against at most 80, times 10) or, without it, by being there already (1 times 100).
 */
export function steeringPolicy(placement: KubeObject): PrioritizerPolicy {
  return {
    mode: 'Exact',
    configurations: [
      {
        scoreCoordinate: {
          type: 'AddOn',
          addOn: { resourceName: STEERING_SCORES, scoreName: scoreName(placement) },
        },
        weight: ADD_ON_WEIGHT,
      },
      { scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: STEADY_WEIGHT },
    ],
  };
}

/** Scores of eligible clusters that are not chosen, best first: 80 down to 1, spread evenly when they are more. */
export function restScore(rank: number, count: number): number {
  if (count <= BEST_REST) return BEST_REST - rank;
  return Math.max(1, Math.round(BEST_REST - (rank * (BEST_REST - 1)) / (count - 1)));
}

/** Whether a score is one of an eligible cluster that is not chosen. */
export function isRestScore(score: number | undefined): score is number {
  return score !== undefined && score >= 1 && score <= BEST_REST;
}

type Json = { readonly [key: string]: unknown };

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), root);
}

/** What stands in the one field that Windvane keeps, word for word. */
export function foundPolicy(placement: KubeObject): FoundValue {
  const value = valueAt(placement, 'spec', 'prioritizerPolicy');
  return value === undefined || value === null ? { present: false, value: null } : { present: true, value };
}

function holdsPolicy({ fieldsV1 }: ManagedFieldsEntry): boolean {
  return valueAt(fieldsV1, 'f:spec', 'f:prioritizerPolicy') !== undefined;
}

/** Whether Windvane owns the whole prioritizer policy now: whoever changes a part of it takes that part. */
export function ownsPolicy(placement: KubeObject): boolean {
  return (placement.metadata.managedFields ?? []).some(
    ({ manager, operation, fieldsV1 }) =>
      manager === FIELD_MANAGER &&
      operation === 'Apply' &&
      ['f:mode', 'f:configurations'].every(
        (part) => valueAt(fieldsV1, 'f:spec', 'f:prioritizerPolicy', part) !== undefined,
      ),
  );
}

/** Other managers that own the prioritizer policy. */
export function otherOwners(placement: KubeObject): string[] {
  const names = (placement.metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== FIELD_MANAGER && holdsPolicy(entry))
    .map((entry) => entry.manager ?? 'unknown');
  return [...new Set(names)].sort();
}

/** Whether the Placement is decided by Windvane's scores: the policy says so, and it is Windvane's. */
export function isSteered(placement: KubeObject): boolean {
  return ownsPolicy(placement) && isDeepStrictEqual(foundPolicy(placement).value, steeringPolicy(placement));
}

/** Places of Windvane's entries that came of patches, in the record of who owns which field. */
export function ownPatchEntries(placement: KubeObject): number[] {
  return (placement.metadata.managedFields ?? []).flatMap((entry, index) =>
    entry.manager === FIELD_MANAGER && entry.operation === 'Update' && entry.subresource === undefined
      ? [index]
      : [],
  );
}

/** Whether a patch of Windvane left it as an owner of `numberOfClusters`. */
export function ownsCount(placement: KubeObject): boolean {
  const entries = placement.metadata.managedFields ?? [];
  return ownPatchEntries(placement).some(
    (index) => valueAt(entries[index]?.fieldsV1, 'f:spec', 'f:numberOfClusters') !== undefined,
  );
}
