import type { CarbonMap, Clock } from '@windvane/carbon-map';
import type { ReconcileResult } from '../../../kube/queue.ts';
import type { ScoreWrites } from '../../plane.ts';
import type { ManagedCluster } from '../fleet.ts';
import { PUBLISHED_SCORES, type ScoreScale, untilRenewal } from './published.ts';
import { createPublisher } from './publisher.ts';
import type { ScoreObjects } from './score-objects.ts';

export interface PublishingOptions {
  readonly scoresNamed: (name: string) => ScoreObjects;
  /** Null publishes nothing. */
  readonly scale: ScoreScale | null;
  readonly clock: Clock;
  readonly view: { readonly fleet: () => readonly ManagedCluster[] };
  readonly map: () => CarbonMap | null;
  readonly mayWrite: () => boolean;
  readonly frozen: () => boolean;
}

/** Keeps the published score of every cluster. */
export interface Publishing {
  reconcile(cluster: string): Promise<ReconcileResult>;
  /** Since the start. */
  writes(): ScoreWrites;
}

export function createPublishing(options: PublishingOptions): Publishing {
  const { scale, clock, view, map, mayWrite, frozen } = options;
  const publisher =
    scale === null ? null : createPublisher(options.scoresNamed(PUBLISHED_SCORES), scale, clock);

  /** Yesterday's reading is no reason to choose a cluster today: stale counts as unknown. */
  function gramsOf({ place }: ManagedCluster, current: CarbonMap): number | null {
    const state = place.zone === null || place.excluded !== null ? undefined : current.zones[place.zone];
    if (state === undefined || state.reading === null || state.data === 'stale') return null;
    return state.reading.gramsPerKwh * place.pue;
  }

  let known: {
    readonly fleet: readonly ManagedCluster[];
    readonly byName: Map<string, ManagedCluster>;
  } | null = null;

  function clusterNamed(name: string): ManagedCluster | undefined {
    const fleet = view.fleet();
    if (known?.fleet !== fleet) known = { fleet, byName: new Map(fleet.map((each) => [each.name, each])) };
    return known.byName.get(name);
  }

  return {
    writes: () => publisher?.writes() ?? { scores: 0, renewals: 0 },
    async reconcile(name) {
      const current = map();
      const cluster = clusterNamed(name);
      if (publisher === null || current === null || cluster === undefined || cluster.deleting) return {};
      if (!mayWrite()) return {};
      await publisher.publish(name, gramsOf(cluster, current), frozen());
      return { requeueAfter: untilRenewal(clock.now()) };
    },
  };
}
