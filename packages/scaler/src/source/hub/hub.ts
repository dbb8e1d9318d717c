import { type Clock, type Instant, MINUTE, type Millis, type ZoneCode } from '@windvane/carbon-map';
import type { WorkloadShare, ZoneOutlook } from '../../policy/snapshot.ts';
import type { MemoryDisk } from './disk.ts';
import { type HubKnowledge, type HubMemory, recall, remember } from './memory.ts';
import { askHub, type HubConnection, HubError } from './request.ts';

export interface HubSourceOptions {
  readonly clock: Clock;
  readonly cluster: string;
  readonly connection: HubConnection;
  readonly disk: MemoryDisk;
  /** Zones besides the cluster's own. */
  readonly zones: () => readonly ZoneCode[];
  /** Between two questions (a minute). */
  readonly every?: Millis;
  /** 0..1, for jitter: thousands of scalers must not ask in step. */
  readonly random?: () => number;
  /** Told when the hub is lost, with the reason, and when it is back. */
  readonly lost: (error: unknown) => void;
  readonly back: () => void;
}

/** What the hub says, and said last. */
export interface HubSource {
  /** Reads what is on disk. */
  load(): Promise<void>;
  /** Asks once. Never rejects; whether the hub answered. */
  ask(): Promise<boolean>;
  /** Asks at once and then at the interval. */
  start(): void;
  stop(): Promise<void>;
  version(): number;
  /** Of the cluster, as the hub knows it. */
  zone(): ZoneCode | null;
  contactAt(): Instant | null;
  shares(): ReadonlyMap<string, WorkloadShare>;
  /** Whether the hub is frozen, as far as it said last. */
  frozen(): boolean;
  outlooks(now: Instant): readonly ReadonlyMap<ZoneCode, ZoneOutlook>[];
}

/** The time of the last contact is written this often when nothing else changes. */
const WRITE_CONTACT: Millis = 5 * MINUTE;
const NO_SHARES: ReadonlyMap<string, WorkloadShare> = new Map();

export function createHubSource(options: HubSourceOptions): HubSource {
  const { clock, cluster, connection, disk, zones, every = MINUTE, random = Math.random } = options;
  const stopping = new AbortController();
  let memory: HubMemory | null = null;
  let knowledge: HubKnowledge | null = null;
  let savedAt: Instant = -Infinity;
  let lost = false;
  let asking: Promise<unknown> = Promise.resolve();
  let cancel: (() => void) | null = null;
  /** A tag is that of one question: with other zones the same tag says nothing. */
  let askedFor = '';

  function take(next: HubMemory, changed: boolean): void {
    memory = next;
    if (changed) knowledge = recall(next);
    const now = clock.now();
    if (changed || Math.abs(now - savedAt) >= WRITE_CONTACT) {
      savedAt = now;
      void disk.save(next);
    }
  }

  async function question(): Promise<void> {
    const wanted = zones().toSorted().join(',');
    const path = `/scaler/v1/view?cluster=${encodeURIComponent(cluster)}${wanted === '' ? '' : `&zones=${encodeURIComponent(wanted)}`}`;
    const etag = wanted === askedFor ? (memory?.etag ?? null) : null;
    const headers = etag === null ? {} : { 'If-None-Match': etag };
    const answer = await askHub(connection, { method: 'GET', path, headers, abort: stopping.signal });
    const contactAt = clock.now();
    if (answer.status === 304 && memory !== null) {
      take({ ...memory, contactAt }, false);
    } else if (answer.status === 200) {
      const view: unknown = parseJson(answer.body);
      take(remember(memory, view, answer.etag, contactAt), true);
      askedFor = wanted;
    } else {
      throw new HubError(refusal(answer.status, cluster), answer.status);
    }
  }

  async function ask(): Promise<boolean> {
    try {
      await question();
      if (lost) options.back();
      lost = false;
      return true;
    } catch (error) {
      if (!stopping.signal.aborted) options.lost(error);
      lost = true;
      return false;
    }
  }

  function loop(): void {
    asking = ask().then(() => {
      if (!stopping.signal.aborted) cancel = clock.after(Math.round(every * (0.9 + 0.2 * random())), loop);
      return undefined;
    });
  }

  return {
    async load() {
      const stored = await disk.load();
      if (stored === null || memory !== null) return;
      try {
        knowledge = recall(stored);
        memory = stored;
      } catch {
        // A view of another time: the hub will send its own.
      }
    },
    ask,
    start: loop,
    async stop() {
      stopping.abort();
      cancel?.();
      await asking;
      if (memory !== null) await disk.save(memory);
    },
    version: () => knowledge?.view.version ?? 0,
    zone: () => knowledge?.view.cluster.zone ?? null,
    contactAt: () => memory?.contactAt ?? null,
    shares: () => knowledge?.shares ?? NO_SHARES,
    frozen: () => knowledge?.view.frozen ?? false,
    outlooks: (now) => knowledge?.outlooks(now, memory?.contactAt ?? -Infinity) ?? [],
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HubError('the hub did not answer with JSON: is WINDVANE_HUB_URL the address of its API?');
  }
}

function refusal(status: number, cluster: string): string {
  if (status === 401) {
    return 'the hub does not know the token: put the one of this cluster in the file of WINDVANE_HUB_TOKEN_FILE';
  }
  if (status === 403)
    return `the token is not for the cluster ${cluster}: WINDVANE_CLUSTER and the token must agree`;
  if (status === 404) return 'the hub has no scaler view: is WINDVANE_HUB_URL the address of its API?';
  if (status >= 500) return `the hub, or a proxy before it, answered ${status}: its log says why`;
  if (status >= 300 && status < 400) {
    return `the hub answered ${status}, which sends elsewhere: write the address that it has now in WINDVANE_HUB_URL`;
  }
  return `the hub answered ${status}: is WINDVANE_HUB_URL the address of its API?`;
}
