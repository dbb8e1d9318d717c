import { decide } from '../engine/decide.ts';
import type { PlacementProblem, UnitLimits } from '../engine/problem.ts';
import type { Schedule } from './account.ts';
import { createExpectations, type Expectation } from './expectations.ts';
import type { SimulatedFleet } from './fleet.ts';

/** How the production engine is run. */
export interface EngineProfile {
  readonly limits: UnitLimits;
  readonly replicas: number;
  /** Decisions per hour; a step of a move takes one slot. */
  readonly slotsPerHour: number;
  readonly start: 'free' | 'even';
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Nothing but the planner: every limit that only guards a running system is off. */
export function idealProfile(fleet: SimulatedFleet): EngineProfile {
  return {
    limits: {
      minReplicas: 0,
      maxStep: 1,
      minGain: 0,
      moveCost: fleet.moveHours * HOUR_MS,
      cooldown: 0,
      maxMovesPerDay: Number.POSITIVE_INFINITY,
    },
    replicas: fleet.cap.atoms,
    slotsPerHour: 1,
    start: 'free',
  };
}

/** The defaults of the annotations on one Deployment. A step is given a quarter of an hour. */
export function productionProfile(fleet: SimulatedFleet, replicas: number): EngineProfile {
  return {
    limits: {
      minReplicas: 1,
      maxStep: 0.25,
      minGain: 0.05,
      moveCost: fleet.moveHours * HOUR_MS,
      cooldown: HOUR_MS,
      maxMovesPerDay: 3,
    },
    replicas,
    slotsPerHour: 4,
    start: 'even',
  };
}

/** Runs the production engine hour by hour on what was known then. */
export function windvane(
  fleet: SimulatedFleet,
  profile: EngineProfile,
  onProgress: (done: number, of: number) => void = () => {},
): Schedule {
  const clusters = fleet.clusters.length;
  const hours = fleet.to - fleet.from;
  const expect = createExpectations(fleet);
  const shares = new Float64Array(hours * profile.slotsPerHour * clusters);
  const unit = createUnit(fleet, profile);
  for (let hour = 0; hour < hours; hour++) {
    const expectations = expect(fleet.from + hour);
    for (let slot = 0; slot < profile.slotsPerHour; slot++) {
      const at = (fleet.from + hour) * HOUR_MS + (slot * HOUR_MS) / profile.slotsPerHour;
      // Within an hour nothing new is known: only a move that is under way goes on.
      const standing = slot === 0 || unit.moving() ? unit.decide(at, expectations) : unit.standing();
      for (const [cluster, { name }] of fleet.clusters.entries()) {
        const share = (standing[name] ?? 0) / profile.replicas;
        shares[(hour * profile.slotsPerHour + slot) * clusters + cluster] = share;
      }
    }
    onProgress(hour + 1, hours);
  }
  return { slotsPerHour: profile.slotsPerHour, shares };
}

interface SimulatedUnit {
  /** Decides and takes the step; returns replicas per cluster. */
  decide(at: number, expectations: readonly Expectation[]): Readonly<Record<string, number>>;
  standing(): Readonly<Record<string, number>>;
  moving(): boolean;
}

/** One Deployment whose plane takes every step at once. */
function createUnit(fleet: SimulatedFleet, profile: EngineProfile): SimulatedUnit {
  let standing: Readonly<Record<string, number>> =
    profile.start === 'even' ? evenly(fleet, profile.replicas) : {};
  let movingTo: Readonly<Record<string, number>> | null = null;
  let lastMoveAt: number | null = null;
  let begun: number[] = [];
  const step = (at: number, expectations: readonly Expectation[]) => {
    begun = begun.filter((start) => at - start < DAY_MS);
    const decision = decide(
      problemOf(fleet, profile, at, expectations, {
        current: standing,
        history: { lastMoveAt, movesLastDay: begun.length, movingTo },
      }),
    );
    if (decision.outcome === 'move') {
      standing = decision.divisions[0]?.next ?? standing;
      if (!decision.continues) begun.push(at);
      movingTo = decision.last ? null : decision.target;
      if (decision.last) lastMoveAt = at;
    } else if (movingTo !== null) {
      movingTo = null;
      lastMoveAt = at;
    }
    return standing;
  };
  return { decide: step, standing: () => standing, moving: () => movingTo !== null };
}

function evenly(fleet: SimulatedFleet, replicas: number): Record<string, number> {
  const count = fleet.clusters.length;
  return Object.fromEntries(
    fleet.clusters.map(({ name }, at) => [
      name,
      Math.floor(replicas / count) + (at < replicas % count ? 1 : 0),
    ]),
  );
}

function problemOf(
  fleet: SimulatedFleet,
  profile: EngineProfile,
  at: number,
  expectations: readonly Expectation[],
  unit: { current: Readonly<Record<string, number>>; history: PlacementProblem['history'] },
): PlacementProblem {
  const { atoms, perCluster } = fleet.cap;
  const hour = Math.floor(at / HOUR_MS);
  return {
    unit: 'simulated/policy',
    at,
    objective: fleet.valuation.objective,
    mapVersion: 0,
    pair: { signal: 'average', basis: 'lifecycle' },
    data: 'live',
    forecastResolution: HOUR_MS,
    clusters: fleet.clusters.map(({ name, zone }, cluster) => ({
      name,
      zone,
      ready: true,
      allowed: true,
      avoid: false,
      gramsPerKwh: expectations[cluster]?.gramsPerKwh ?? null,
      forecast: expectations[cluster]?.forecast ?? [],
      pastForecasts: expectations[cluster]?.pastForecasts ?? [],
      ...(fleet.series[cluster]?.priceAt(hour - fleet.from) ?? { pricePerReplicaHour: null }),
      headroomReplicas: null,
      maxShare: perCluster / atoms,
    })),
    workloads: [{ key: 'simulated/web', replicas: profile.replicas, uid: '', current: unit.current }],
    limits: profile.limits,
    history: unit.history,
    carbonPricePerKg: fleet.valuation.carbonPricePerKg,
    wattsPerReplica: fleet.valuation.wattsPerReplica,
  };
}
