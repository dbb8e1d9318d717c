import { type Clock, DAY, type Instant, MINUTE, type Millis, type ZoneCode } from '@windvane/carbon-map';

/** One workload that a scaler holds, as it reports it. */
export interface Hold {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly since: Instant | null;
  /** When it is expected to run again; null when nobody can tell. */
  readonly until: Instant | null;
  /** CamelCase, as in docs/scaler.md. */
  readonly reason: string;
  /** Replicas that it may have while it is not held. */
  readonly replicas: number;
  /** One sentence for people; null when the scaler said none. */
  readonly message: string | null;
}

export interface ReportedHold extends Hold {
  readonly cluster: string;
  readonly reportedAt: Instant;
}

/** What scalers told this process. Nothing of it survives it: every scaler tells it again within a minute. */
export interface ScalerDesk {
  /** Takes the place of what this cluster reported before. */
  report(cluster: string, holds: readonly Hold[]): void;
  /** Of every cluster that reported within the last 10 minutes. */
  holds(): readonly ReportedHold[];
  /** Zones that this cluster's triggers name; kept in the map for a day after they were last asked for. */
  want(cluster: string, zones: readonly ZoneCode[]): void;
  wanted(): readonly ZoneCode[];
}

const REPORT_LASTS: Millis = 10 * MINUTE;
const WISH_LASTS: Millis = DAY;
/** Zones that one cluster may add to the map. */
export const MOST_ZONES = 50;

export function createScalerDesk(clock: Pick<Clock, 'now'>): ScalerDesk {
  const reports = new Map<string, { at: Instant; holds: readonly Hold[] }>();
  const wishes = new Map<string, Map<ZoneCode, Instant>>();

  return {
    report(cluster, holds) {
      reports.set(cluster, { at: clock.now(), holds });
    },
    holds() {
      const now = clock.now();
      const all: ReportedHold[] = [];
      for (const [cluster, { at, holds }] of reports) {
        if (now - at > REPORT_LASTS) reports.delete(cluster);
        else for (const hold of holds) all.push({ ...hold, cluster, reportedAt: at });
      }
      return all;
    },
    want(cluster, zones) {
      const own = wishes.get(cluster) ?? new Map<ZoneCode, Instant>();
      wishes.set(cluster, own);
      for (const zone of zones) {
        // Set anew, so that the oldest wish stands first.
        own.delete(zone);
        own.set(zone, clock.now());
      }
      for (const oldest of own.keys()) {
        if (own.size <= MOST_ZONES) break;
        own.delete(oldest);
      }
    },
    wanted() {
      const since = clock.now() - WISH_LASTS;
      const all = new Set<ZoneCode>();
      for (const [cluster, own] of wishes) {
        for (const [zone, at] of own) {
          if (at < since) own.delete(zone);
          else all.add(zone);
        }
        if (own.size === 0) wishes.delete(cluster);
      }
      return [...all];
    },
  };
}
