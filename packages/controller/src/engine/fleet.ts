import type { Instant } from '@windvane/carbon-map';

/** What one unit wants of the room in one cluster. */
export interface RoomClaim {
  readonly unit: string;
  /** More replicas that it would take there. */
  readonly wants: number;
  /** Its replicas that the cluster's whole free room would hold: how large its replicas are. */
  readonly room: number;
  /** Since when it wants them. */
  readonly since: Instant;
}

/** Room may be filled to the brim in spite of rounding. */
const BRIM = 1 + 1e-9;

/**
 * Shares the free room of one cluster: every unit gets the same part of it, and what a unit does not want goes to the
 * others (max-min fairness of dominant shares; Ghodsi et al., NSDI 2011). What a unit takes is counted by the resource
 * that it needs most of, so that the shares together always fit. What rounding leaves is given one replica at a time
 * to whoever has least, of equals to the one that waits longest.
 *
 * @returns replicas by unit; the order of claims carries no meaning.
 */
export function fairShares(claims: readonly RoomClaim[]): ReadonlyMap<string, number> {
  const open = claims.filter(({ wants, room }) => wants >= 1 && room >= 1).toSorted(byTurn);
  const level = fairLevel(open);
  const shares = new Map(claims.map(({ unit }) => [unit, 0]));
  let used = 0;
  for (const { unit, wants, room } of open) {
    const share = Math.min(Math.floor(wants), Math.floor(level * room * BRIM));
    shares.set(unit, share);
    used += share / room;
  }
  const part = ({ unit, room }: RoomClaim) => (shares.get(unit) ?? 0) / room;
  let left = open;
  while (left.length > 0) {
    left = left.filter(
      (claim) => (shares.get(claim.unit) ?? 0) + 1 <= claim.wants && used + 1 / claim.room <= BRIM,
    );
    const next = left.reduce<RoomClaim | null>(
      (least, claim) => (least !== null && part(least) <= part(claim) ? least : claim),
      null,
    );
    if (next === null) break;
    shares.set(next.unit, (shares.get(next.unit) ?? 0) + 1);
    used += 1 / next.room;
  }
  return shares;
}

/** The part of the room that everybody gets who wants more than it. */
function fairLevel(claims: readonly RoomClaim[]): number {
  const wanted = claims.map(({ wants, room }) => Math.min(1, wants / room)).toSorted((a, b) => a - b);
  let left = 1;
  for (const [index, part] of wanted.entries()) {
    const level = left / (wanted.length - index);
    if (part > level) return level;
    left -= part;
  }
  return 1;
}

/** A step that a unit would take now. */
export interface StepClaim {
  readonly unit: string;
  /** Replicas that it moves. */
  readonly replicas: number;
  /** Clusters that it feeds. */
  readonly receivers: readonly string[];
  /** Since when it waits for its turn. */
  readonly since: Instant;
}

/** How busy the fleet is. */
export interface FleetLoad {
  /** Replicas moved in the last hour, and those that may be. */
  readonly movedLastHour: number;
  readonly replicasPerHour: number;
  /** Steps under way that feed each cluster, and how many may. */
  readonly feeding: ReadonlyMap<string, number>;
  readonly stepsPerReceivingCluster: number;
}

/** Why a step has to wait: the hourly limit, or a cluster that is fed by as many steps as may be; null when it may go. */
export type StepVerdict =
  | { readonly limit: 'replicas-per-hour'; readonly moved: number }
  | { readonly limit: 'steps-per-cluster'; readonly cluster: string; readonly steps: number }
  | null;

/**
 * Says who may take a step now, in order of waiting. Nobody is overtaken for what he waits for: whoever finds the
 * hour's replicas used up closes the hour for those after him, and whoever waits for one cluster keeps his turn in the
 * others. So everybody's turn comes. A step larger than the hourly limit goes when nothing else has moved in the hour.
 */
export function stepVerdicts(
  claims: readonly StepClaim[],
  load: FleetLoad,
): ReadonlyMap<string, StepVerdict> {
  const feeding = new Map(load.feeding);
  let moved = load.movedLastHour;
  let closed = false;
  const verdicts = new Map<string, StepVerdict>();
  for (const { unit, replicas, receivers } of claims.toSorted(byTurn)) {
    const full = receivers.find((cluster) => (feeding.get(cluster) ?? 0) >= load.stepsPerReceivingCluster);
    for (const cluster of receivers) feeding.set(cluster, (feeding.get(cluster) ?? 0) + 1);
    if (full !== undefined) {
      const steps = (feeding.get(full) ?? 1) - 1;
      verdicts.set(unit, { limit: 'steps-per-cluster', cluster: full, steps });
      continue;
    }
    closed ||= moved > 0 && moved + replicas > load.replicasPerHour;
    verdicts.set(unit, closed ? { limit: 'replicas-per-hour', moved } : null);
    if (!closed) moved += replicas;
  }
  return verdicts;
}

/** Who waits longest comes first; names break ties. */
function byTurn(a: { unit: string; since: Instant }, b: { unit: string; since: Instant }): number {
  return a.since - b.since || (a.unit < b.unit ? -1 : 1);
}
