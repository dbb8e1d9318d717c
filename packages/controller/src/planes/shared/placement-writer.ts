import { z } from 'zod';
import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Informer } from '../../kube/informer.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { CarbonPlacementStatus } from '../../status/carbon-placement.ts';
import { CARBON_PLACEMENT } from './resources.ts';
import { saysTheSame } from './same-json.ts';

/** What a CarbonPlacement is about. */
export interface PlacementSubject {
  readonly object: KubeObject;
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/** Name of a workload's CarbonPlacement, with its namespace before it. */
export function placementKey({ namespace, name, type }: PlacementSubject): string {
  return `${namespace}/${name}-${type.kind.toLowerCase()}`;
}

/** Keeps the CarbonPlacements. A status that says what is stored already is not written. */
export interface PlacementWriter {
  /**
   * Writes a status, unless it says what is stored already. `patient`: also when only the message of a step's progress
   * is another.
   * @returns whether anything was written
   */
  write(workload: PlacementSubject, status: CarbonPlacementStatus, patient?: boolean): Promise<boolean>;
  remove(placement: KubeObject): Promise<void>;
}

/** The status as it is stored: a found value that was absent has no `value`. */
function asStored({ found, ...rest }: CarbonPlacementStatus): Readonly<Record<string, unknown>> {
  return { ...rest, found: found === null || found.present ? found : { present: false } };
}

const conditions = z.object({ conditions: z.array(z.object({ type: z.string() }).loose()) }).loose();

/** A status without the message of its step's progress. */
function withoutProgress(status: unknown): unknown {
  const read = conditions.safeParse(status).data;
  if (read === undefined) return status;
  return {
    ...read,
    conditions: read.conditions.map((each) =>
      each.type === 'Progressing' ? { ...each, message: '' } : each,
    ),
  };
}

function placementFor(workload: PlacementSubject): KubeObject {
  const { apiVersion = '', metadata } = workload.object;
  const { kind } = workload.type;
  return {
    metadata: {
      name: `${workload.name}-${kind.toLowerCase()}`,
      namespace: workload.namespace,
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }],
    },
    spec: { workloadRef: { apiVersion, kind, name: metadata.name } },
  };
}

export function createPlacementWriter(api: KubeApi, placements: Informer): PlacementWriter {
  async function existing(workload: PlacementSubject): Promise<KubeObject> {
    const known = placements.objects.get(placementKey(workload));
    if (known !== undefined) return known;
    const wanted = placementFor(workload);
    try {
      return await api.create(CARBON_PLACEMENT, wanted);
    } catch (error) {
      if (!isKubeError(error, 'already-exists')) throw error;
      return api.get(CARBON_PLACEMENT, wanted.metadata);
    }
  }

  return {
    async write(workload, status, patient = false) {
      const known = placements.objects.get(placementKey(workload));
      const stored = asStored(status);
      if (known !== undefined && saysTheSame(known.status, stored)) return false;
      if (patient && saysTheSame(withoutProgress(known?.status), withoutProgress(stored))) return false;
      const object = known ?? (await existing(workload));
      try {
        placements.assume(
          await api.replace(CARBON_PLACEMENT, { ...object, status: stored }, { subresource: 'status' }),
        );
        return true;
      } catch (error) {
        // Removed or changed by others: forget what was cached, so that the next attempt reads it anew.
        if (isKubeError(error, 'not-found')) placements.forget(object);
        else if (isKubeError(error, 'conflict')) {
          placements.assume(await api.get(CARBON_PLACEMENT, object.metadata));
        }
        throw error;
      }
    },
    async remove(placement) {
      const { uid } = placement.metadata;
      try {
        await api.delete(CARBON_PLACEMENT, placement.metadata, uid === undefined ? {} : { uid });
      } catch (error) {
        if (!isKubeError(error, 'not-found')) throw error;
      }
      placements.forget(placement);
    },
  };
}
