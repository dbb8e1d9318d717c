import { HOUR, type Instant } from '@windvane/carbon-map';
import type { Headroom } from '../planes/karmada/member.ts';
import type { RunRequests } from './job-view.ts';

/** What a run takes in one cluster, and for how long. */
export interface Booking {
  readonly cluster: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly requests: RunRequests;
}

/** Free resources of every cluster over the hours to come: what is free now, less what is promised. */
export interface Room {
  /** Whether a run fits in every hour that it touches. A cluster that does not tell what is free always has room. */
  fits(booking: Booking): boolean;
  /** Takes the room of a run that is to come. */
  book(booking: Booking): void;
  /** A run that is there gives back what it takes at its end (`until`). */
  release(booking: Booking): void;
}

interface Used {
  cpuMillis: number;
  memoryBytes: number;
  pods: number;
}

/** What is used in one cluster, hour by hour from the first on; `beyond` in every later one. */
interface Ledger {
  readonly hours: Used[];
  readonly beyond: Used;
}

const none = (): Used => ({ cpuMillis: 0, memoryBytes: 0, pods: 0 });

function add(used: Used, { cpuMillis, memoryBytes, pods }: RunRequests, sign: 1 | -1): void {
  used.cpuMillis += sign * cpuMillis;
  used.memoryBytes += sign * memoryBytes;
  used.pods += sign * pods;
}

/**
 * @param now nothing before its hour is asked for.
 * @param free what each cluster has at that time; null where it does not tell.
 */
export function createRoom(now: Instant, free: (cluster: string) => Headroom | null): Room {
  const first = Math.floor(now / HOUR);
  const ledgers = new Map<string, Ledger>();

  function ledgerOf(cluster: string): Ledger {
    const ledger = ledgers.get(cluster) ?? { hours: [], beyond: none() };
    ledgers.set(cluster, ledger);
    return ledger;
  }

  function reach({ hours, beyond }: Ledger, length: number): void {
    while (hours.length < length) hours.push({ ...beyond });
  }

  /** Index of the hour that an instant lies in, and of the first that begins at it or later. */
  const indexOf = (instant: Instant): number => Math.max(0, Math.floor(instant / HOUR) - first);
  const endOf = (instant: Instant): number => Math.max(0, Math.ceil(instant / HOUR) - first);

  return {
    fits({ cluster, from, until, requests }) {
      const there = free(cluster);
      if (there === null) return true;
      const ledger = ledgers.get(cluster) ?? { hours: [], beyond: none() };
      for (let hour = indexOf(from); hour < endOf(until); hour += 1) {
        const used = ledger.hours[hour] ?? ledger.beyond;
        if (
          used.cpuMillis + requests.cpuMillis > there.cpuMillis ||
          used.memoryBytes + requests.memoryBytes > there.memoryBytes ||
          used.pods + requests.pods > there.pods
        ) {
          return false;
        }
      }
      return true;
    },
    book({ cluster, from, until, requests }) {
      const ledger = ledgerOf(cluster);
      reach(ledger, endOf(until));
      for (const used of ledger.hours.slice(indexOf(from), endOf(until))) add(used, requests, 1);
    },
    release({ cluster, until, requests }) {
      const ledger = ledgerOf(cluster);
      reach(ledger, endOf(until));
      for (const used of ledger.hours.slice(endOf(until))) add(used, requests, -1);
      add(ledger.beyond, requests, -1);
    },
  };
}
