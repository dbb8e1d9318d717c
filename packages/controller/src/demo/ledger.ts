import { HOUR, type Instant } from '@windvane/carbon-map';

/** One workload as it runs now. */
export interface RunningWorkload {
  /** `namespace/name`. */
  readonly key: string;
  /** Replicas that run, by cluster: also those that run double during a move. */
  readonly replicas: Readonly<Record<string, number>>;
  /** Replicas that are wanted. */
  readonly wanted: number;
  /** Clusters that the policy allows. */
  readonly candidates: readonly string[];
  readonly wattsPerReplica: number;
}

/** gCO2eq so far. */
export interface Emissions {
  readonly actualGrams: number;
  /** The same replicas spread evenly over the same candidate clusters. */
  readonly evenGrams: number;
}

/** Adds up emissions over time. What is told to hold now counts until the next entry. */
export interface Ledger {
  /** @param intensity gCO2eq per kWh of a cluster; null without data, which leaves the cluster out on both sides */
  enter(
    at: Instant,
    workloads: readonly RunningWorkload[],
    intensity: (cluster: string) => number | null,
  ): void;
  total(keys?: ReadonlySet<string>): Emissions;
}

interface Rates {
  /** gCO2eq per hour. */
  actual: number;
  even: number;
}

const WATTS_PER_KILOWATT = 1_000;

export function createLedger(): Ledger {
  const sums = new Map<string, { actualGrams: number; evenGrams: number }>();
  let rates = new Map<string, Rates>();
  let since: Instant | null = null;

  return {
    enter(at, workloads, intensity) {
      const hours = since === null ? 0 : Math.max(0, at - since) / HOUR;
      for (const [key, rate] of rates) {
        const sum = sums.get(key) ?? { actualGrams: 0, evenGrams: 0 };
        sum.actualGrams += rate.actual * hours;
        sum.evenGrams += rate.even * hours;
        sums.set(key, sum);
      }
      since = at;
      rates = new Map(workloads.map((workload) => [workload.key, ratesOf(workload, intensity)]));
    },
    total(keys) {
      const total = { actualGrams: 0, evenGrams: 0 };
      for (const [key, sum] of sums) {
        if (keys !== undefined && !keys.has(key)) continue;
        total.actualGrams += sum.actualGrams;
        total.evenGrams += sum.evenGrams;
      }
      return total;
    },
  };
}

/** Percent of the even split's emissions that were avoided; 0 before anything was emitted. */
export function savedPercent({ actualGrams, evenGrams }: Emissions): number {
  return evenGrams === 0 ? 0 : ((evenGrams - actualGrams) / evenGrams) * 100;
}

function ratesOf(workload: RunningWorkload, intensity: (cluster: string) => number | null): Rates {
  const kilowatts = workload.wattsPerReplica / WATTS_PER_KILOWATT;
  const each = workload.wanted / Math.max(1, workload.candidates.length);
  let actual = 0;
  let even = 0;
  for (const cluster of workload.candidates) even += each * kilowatts * (intensity(cluster) ?? 0);
  for (const [cluster, count] of Object.entries(workload.replicas)) {
    actual += count * kilowatts * (intensity(cluster) ?? 0);
  }
  return { actual, even };
}
