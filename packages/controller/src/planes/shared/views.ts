import type { Clock } from '@windvane/carbon-map';
import { z } from 'zod';
import type { Decision } from '../../engine/decision.ts';
import type { KubeObject } from '../../kube/resource.ts';
import { accountedUntil, savedBy } from '../../status/accounting.ts';
import type { CarbonPlacementStatus } from '../../status/carbon-placement.ts';
import type { PlacementView } from '../plane.ts';

const ref = z.object({ workloadRef: z.object({ kind: z.string(), name: z.string() }) });

/** Windvane alone writes statuses, and whole ones; a hold may stand there before the first of them. */
function isStatus(value: unknown): value is CarbonPlacementStatus {
  return typeof value === 'object' && value !== null && 'state' in value && 'moves' in value;
}

/** What the leader wrote, for a replica that only reads. */
function storedViews(placements: Iterable<KubeObject>, hub: string): PlacementView[] {
  return [...placements].flatMap((object) => {
    const spec = ref.safeParse(object.spec);
    if (!spec.success || !isStatus(object.status)) return [];
    const { kind, name } = spec.data.workloadRef;
    return [{ ...object.status, hub, namespace: object.metadata.namespace ?? '', name, kind }];
  });
}

/** What is said of every unit of one hub. */
export interface Views {
  /** What is said of a unit from now on. */
  say(unit: string, views: readonly PlacementView[]): void;
  /** Tells of a decision that is new to its unit. */
  decided(unit: string, decision: Decision | null, acted: boolean): void;
  forget(unit: string): void;
  units(): Iterable<string>;
  /** All of it at this moment; where another replica leads, what that one stored. */
  placements(): readonly PlacementView[];
}

export function createViews(options: {
  readonly hub: string;
  readonly clock: Clock;
  readonly leading: () => boolean;
  /** The CarbonPlacements as stored. */
  readonly stored: () => Iterable<KubeObject>;
  readonly decided: ((decision: Decision, acted: boolean) => void) | undefined;
}): Views {
  const { hub, clock, leading, stored } = options;
  const views = new Map<string, readonly PlacementView[]>();
  const lastDecisions = new Map<string, string>();
  return {
    say: (unit, said) => void views.set(unit, said),
    decided(unit, decision, acted) {
      if (decision === null || lastDecisions.get(unit) === decision.id) return;
      lastDecisions.set(unit, decision.id);
      options.decided?.(decision, acted);
    },
    forget(unit) {
      views.delete(unit);
      lastDecisions.delete(unit);
    },
    units: () => views.keys(),
    placements: () =>
      (leading() ? [...views.values()].flat() : storedViews(stored(), hub)).map((view) => {
        const accounting = accountedUntil(view.accounting ?? null, clock.now());
        return { ...view, accounting, saved: savedBy(accounting) };
      }),
  };
}
