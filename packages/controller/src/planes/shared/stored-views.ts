import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import type { CarbonPlacementStatus } from '../../status/carbon-placement.ts';
import type { PlacementView } from '../plane.ts';

const ref = z.object({ workloadRef: z.object({ kind: z.string(), name: z.string() }) });

/** Windvane alone writes statuses, and whole ones; a hold may stand there before the first of them. */
function isStatus(value: unknown): value is CarbonPlacementStatus {
  return typeof value === 'object' && value !== null && 'state' in value && 'moves' in value;
}

/** What the leader wrote, for a replica that only reads. */
export function storedViews(placements: Iterable<KubeObject>, hub: string): PlacementView[] {
  return [...placements].flatMap((object) => {
    const spec = ref.safeParse(object.spec);
    if (!spec.success || !isStatus(object.status)) return [];
    const { kind, name } = spec.data.workloadRef;
    return [{ ...object.status, hub, namespace: object.metadata.namespace ?? '', name, kind }];
  });
}
