import type { Clock, ZoneCode } from '@windvane/carbon-map';
import { startOfTick } from '../policy/decider.ts';
import { EMPTY_SNAPSHOT, type ScalerSnapshot, type ZoneOutlook } from '../policy/snapshot.ts';
import { chooseOutlooks } from './chain.ts';
import type { HubSource } from './hub/hub.ts';
import type { OwnSource } from './own.ts';

export interface SourcesOptions {
  readonly clock: Clock;
  /** Of the cluster, when somebody says. */
  readonly ownZone: ZoneCode | null;
  readonly hub: (zones: () => readonly ZoneCode[]) => HubSource | null;
  readonly own: (zones: () => readonly ZoneCode[]) => OwnSource;
}

/** Hub, disk and own providers as one: what decisions are made on. */
export interface Sources {
  readonly snapshot: () => ScalerSnapshot;
  readonly ownZone: () => ZoneCode | null;
  /** Whether the hub says that nothing is to start early. */
  readonly frozen: () => boolean;
  /** A trigger names these: asked for from now on. Resolves when the sources were asked once. */
  want(zones: readonly ZoneCode[]): Promise<void>;
  /** Reads the disk, then asks everybody once. */
  load(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export function createSources(options: SourcesOptions): Sources {
  const { clock } = options;
  const wanted = new Set<ZoneCode>();
  const zones = (): readonly ZoneCode[] => {
    const zone = ownZone();
    return zone === null ? [...wanted] : [...new Set([zone, ...wanted])];
  };
  const hub = options.hub(zones);
  const own = options.own(zones);
  let current: { at: number; snapshot: ScalerSnapshot } = { at: -1, snapshot: EMPTY_SNAPSHOT };

  function ownZone(): ZoneCode | null {
    return options.ownZone ?? hub?.zone() ?? null;
  }

  function outlooks(at: number): ReadonlyMap<ZoneCode, ZoneOutlook> {
    return chooseOutlooks([...(hub?.outlooks(at) ?? []), own.outlooks()], at);
  }

  return {
    ownZone,
    frozen: () => hub?.frozen() ?? false,
    snapshot() {
      const at = startOfTick(clock.now());
      if (current.at !== at) {
        const snapshot = {
          version: hub?.version() ?? 0,
          zones: outlooks(at),
          shares: hub?.shares() ?? EMPTY_SNAPSHOT.shares,
          contactAt: hub?.contactAt() ?? null,
        };
        current = { at, snapshot };
      }
      return current.snapshot;
    },
    async want(more) {
      const fresh = more.filter((zone) => !wanted.has(zone));
      if (fresh.length === 0) return;
      for (const zone of fresh) wanted.add(zone);
      await Promise.all([hub?.ask(), own.refresh()]);
    },
    async load() {
      await hub?.load();
      await Promise.all([hub?.ask(), own.refresh()]);
      current = { at: -1, snapshot: EMPTY_SNAPSHOT };
    },
    start() {
      hub?.start();
      own.start();
    },
    async stop() {
      await Promise.all([hub?.stop(), own.stop()]);
    },
  };
}
