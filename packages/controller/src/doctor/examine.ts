import { type Clock, type LocationResolver, type Millis, pairName, SECOND } from '@windvane/carbon-map';
import { createSources, type Sources } from '../app/chains.ts';
import { createConfiguredResolver, placeMistakes, zonesOf } from '../app/locations.ts';
import { createPrices } from '../app/prices.ts';
import { createProviders } from '../app/providers.ts';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { ClusterView } from '../planes/plane.ts';
import { apiProblems } from './api.ts';
import { type AskedController, examineHolds, type HoldFinding, holdProblems } from './holds.ts';
import { examineHub, type HubFinding } from './hub.ts';
import { jobProblems } from './jobs.ts';
import { examineOcmHub, type OcmHubFinding } from './ocm-hub.ts';
import { examinePrices, type PriceFinding } from './prices.ts';
import { pairWords, sourceProblems } from './problems.ts';
import { examineStore, type StoreFinding } from './store.ts';
import { createWatchedFetch, type WatchedFetch } from './watched-fetch.ts';
import { examineZones, type ZoneFinding } from './zones.ts';

/** How one source did over all zones. */
interface SourceFinding {
  readonly name: string;
  readonly pair: string;
  /** Zones that it gave a reading for, and zones for which it failed. */
  readonly answered: number;
  readonly failed: number;
  /** Its clock less ours; null when its answers tell no time. */
  readonly clockSkewSeconds: number | null;
  readonly quotaLeft: string | null;
}

/** A cluster, and what its zone is served with. */
interface ClusterFinding extends Pick<ClusterView, 'name' | 'location' | 'zone' | 'ready' | 'excluded'> {
  readonly data: ZoneFinding['data'] | null;
}

/** All that an examination finds. Holds no secret. */
export interface Findings {
  /** Nothing has to be mended. */
  readonly ok: boolean;
  /** One line each, with the remedy. */
  readonly problems: readonly string[];
  /** The pair in which zones are compared, and how that came. */
  readonly pair: string;
  readonly pairRule: readonly string[];
  readonly zones: readonly ZoneFinding[];
  readonly sources: readonly SourceFinding[];
  readonly store: StoreFinding;
  readonly hub: Omit<HubFinding, 'clusters'> | null;
  /** The hub of Open Cluster Management. */
  readonly ocm: Omit<OcmHubFinding, 'clusters'> | null;
  readonly clusters: readonly ClusterFinding[];
  /** Clusters that take part and stand in a zone with live data, of all. */
  readonly live: { readonly clusters: number; readonly of: number };
  readonly prices: readonly PriceFinding[];
  readonly holds: HoldFinding;
}

/** Further apart than this, one of two clocks is wrong. */
const CLOCK_TOLERANCE: Millis = 30 * SECOND;

/** The running controller that is asked what scalers report. */
export interface ControllerToAsk {
  readonly controller: AskedController;
  /** Somebody named it: that it does not answer is a problem. */
  readonly named: boolean;
}

/** Looks at everything that a configuration names. Throws UserError for what keeps it from being used at all. */
export async function examine(
  config: HubConfig,
  clock: Clock,
  { controller, named }: ControllerToAsk,
): Promise<Findings> {
  const { carbon } = config;
  const resolver = createConfiguredResolver(carbon);
  const watch = createWatchedFetch(clock);
  const providers = await createProviders(carbon.providers, clock, watch.fetchOf);
  const mapping: string[] = [];
  const sources = sourcesOf(carbon, providers, resolver, mapping);
  const hub =
    config.karmada === null ? null : await examineHub(config.karmada, config, resolver, clock.now());
  const ocm = config.ocm === null ? null : await examineOcmHub(config.ocm, resolver);
  const members = [...(hub?.clusters ?? []), ...(ocm?.clusters ?? [])];
  const zones = new Set([
    ...carbon.zones.flatMap((zone) => attempt(mapping, [], () => zonesOf([zone], 'carbon.zones', resolver))),
    ...members.flatMap(({ zone, excluded }) => (zone === null || excluded !== null ? [] : [zone])),
  ]);
  mapping.push(...placeMistakes(config, resolver));
  const found = await examineZones({
    sources,
    zones: [...zones],
    resolver,
    clock,
    allowedAge: carbon.allowedAge,
  });
  const store = await examineStore(config.store, clock);
  const placed = members.filter(({ excluded }) => excluded === null);
  const prices =
    config.prices === null
      ? []
      : await examinePrices(
          await createPrices(config.prices, clock, watch.fetchOf),
          [...zones],
          placed.length === 0 ? null : placed,
          clock,
        );
  const holds = await examineHolds(controller);
  const data = new Map(found.zones.map((finding) => [finding.zone, finding.data]));
  const clusters = members.map(({ name, location, zone, ready, excluded }) => ({
    name,
    location,
    zone,
    ready,
    excluded,
    data: zone === null ? null : (data.get(zone) ?? null),
  }));
  const problems = [
    ...mapping,
    ...(await apiProblems(config.api, clock.now())),
    ...sourceProblems(found.problems),
    ...clockProblems(watch, carbon.providers),
    ...zoneProblems(found.zones, pairName(found.map.pair)),
    ...(store.problem === null ? [] : [`store: ${store.problem}`]),
    ...(hub === null || hub.jobs === null ? [] : jobProblems(hub.jobs)),
    ...(hub === null || hub.problem === null ? [] : [`hub ${hub.hub}: ${hub.problem}`]),
    ...(hub?.missingRights ?? []).map((line) => `hub ${hub?.hub}: ${line}`),
    ...(ocm?.problems ?? []).map((line) => `hub ${ocm?.hub}: ${line}`),
    ...clusters.flatMap(({ name, excluded }) => (excluded === null ? [] : [`cluster ${name}: ${excluded}`])),
    ...prices.flatMap(({ problem }) => problem ?? []),
    ...(named && holds.unknown !== null ? [holds.unknown] : []),
    ...holdProblems(holds),
  ];
  return {
    ok: problems.length === 0,
    problems,
    pair: pairName(found.map.pair),
    pairRule: pairWords(pairName(found.map.pair), found.freshByPair, found.zones),
    zones: found.zones,
    sources: providers.map(({ name, pair }) => {
      const { clockSkew, quotaLeft } = watch.notes(name);
      return {
        name,
        pair: pairName(pair),
        answered: found.answered.get(name) ?? 0,
        failed: found.problems.filter(({ provider }) => provider === name).length,
        clockSkewSeconds: clockSkew === null ? null : Math.round(clockSkew / SECOND),
        quotaLeft,
      };
    }),
    store,
    hub:
      hub === null
        ? null
        : {
            hub: hub.hub,
            server: hub.server,
            problem: hub.problem,
            missingRights: hub.missingRights,
            jobs: hub.jobs,
          },
    ocm: ocm === null ? null : { hub: ocm.hub, server: ocm.server, problems: ocm.problems },
    clusters,
    live: {
      clusters: clusters.filter((each) => each.excluded === null && each.data === 'live').length,
      of: clusters.length,
    },
    prices,
    holds,
  };
}

/** What fails as a user's mistake is noted, so that one wrong name does not hide everything else. */
function attempt<T>(mistakes: string[], otherwise: T, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    mistakes.push(...error.lines);
    return otherwise;
  }
}

function sourcesOf(
  carbon: HubConfig['carbon'],
  providers: Parameters<typeof createSources>[1],
  resolver: LocationResolver,
  mapping: string[],
): Sources {
  const usable = carbon.chains.filter((chain, index) =>
    attempt(mapping, false, () => zonesOf(chain.zones, `carbon.chains[${index}].zones`, resolver).length > 0),
  );
  return createSources({ ...carbon, chains: usable }, providers, resolver);
}

function clockProblems(watch: WatchedFetch, providers: HubConfig['carbon']['providers']): string[] {
  return providers.flatMap(({ name }) => {
    const { clockSkew } = watch.notes(name);
    if (clockSkew === null || Math.abs(clockSkew) <= CLOCK_TOLERANCE) return [];
    const seconds = Math.round(Math.abs(clockSkew) / SECOND);
    const side = clockSkew > 0 ? 'behind' : 'ahead of';
    return [`clock: this machine is ${seconds} s ${side} ${name}; synchronize its clock`];
  });
}

function zoneProblems(zones: readonly ZoneFinding[], pair: string): string[] {
  return zones.flatMap(({ zone, data }) => {
    if (data === 'none')
      return [`zone ${zone}: no source answers in ${pair}; add one that does to its chain`];
    if (data === 'stale')
      return [`zone ${zone}: its newest reading is too old; add another source to its chain`];
    return [];
  });
}
