import { type Instant, MINUTE } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import { fairShares, type RoomClaim } from '../../engine/fleet.ts';
import type { ClusterOption, PlacementProblem } from '../../engine/problem.ts';
import { LOOK_EVERY } from './news.ts';

/** Lets units that want the same clean cluster share its free room. */
export interface RoomSharing {
  /**
   * Decides, within the part of the free room that is the unit's. What it wants is remembered for the others.
   *
   * @param claims false for a unit that would not take what it wants (it observes, or all is frozen).
   */
  decide(problem: PlacementProblem, claims: boolean): Decision;
}

interface Wish {
  readonly at: Instant;
  readonly since: Instant;
  readonly claims: ReadonlyMap<string, Pick<RoomClaim, 'wants' | 'room'>>;
}

/** A wish that is not renewed for so long is given up: every unit is looked at more often. */
const WISH_LASTS = LOOK_EVERY + 5 * MINUTE;

/** @param decide the engine. */
export function createRoomSharing(decide: (problem: PlacementProblem) => Decision): RoomSharing {
  const wishes = new Map<string, Wish>();

  /** The unit's part of the room of a cluster, and with how many others it is shared. */
  function shareOf(unit: string, cluster: string): { readonly replicas: number; readonly others: number } {
    const claims: RoomClaim[] = [];
    for (const [who, { claims: wanted, since }] of wishes) {
      const claim = wanted.get(cluster);
      if (claim !== undefined) claims.push({ unit: who, since, ...claim });
    }
    return { replicas: fairShares(claims).get(unit) ?? 0, others: claims.length - 1 };
  }

  return {
    decide(problem, claims) {
      const alone = decide(problem);
      for (const [unit, { at }] of wishes) if (at < problem.at - WISH_LASTS) wishes.delete(unit);
      const wanted = claims && alone.outcome === 'move' ? wantedBy(problem, alone) : new Map<string, never>();
      if (wanted.size === 0) {
        wishes.delete(problem.unit);
        return alone;
      }
      const since = wishes.get(problem.unit)?.since ?? problem.at;
      wishes.set(problem.unit, { at: problem.at, since, claims: wanted });
      let scarce = false;
      const clusters = problem.clusters.map((option): ClusterOption => {
        const claim = wanted.get(option.name);
        if (claim === undefined) return option;
        const { replicas, others } = shareOf(problem.unit, option.name);
        if (replicas >= claim.wants) return option;
        scarce = true;
        return { ...option, headroomReplicas: replicas, sharedWith: others };
      });
      return scarce ? decide({ ...problem, clusters }) : alone;
    },
  };
}

/** More replicas, over all workloads, that a move will bring to each cluster whose room is known. */
function wantedBy(
  problem: PlacementProblem,
  { target, divisions }: Decision,
): Map<string, Pick<RoomClaim, 'wants' | 'room'>> {
  const replicas = problem.workloads.reduce((sum, workload) => sum + workload.replicas, 0);
  const wanted = new Map<string, Pick<RoomClaim, 'wants' | 'room'>>();
  for (const { name, headroomReplicas: room } of problem.clusters) {
    const held = divisions.reduce((sum, { current }) => sum + (current[name] ?? 0), 0);
    const wants = Math.round((target[name] ?? 0) * replicas) - held;
    if (room !== null && room > 0 && wants > 0) wanted.set(name, { wants, room });
  }
  return wanted;
}
