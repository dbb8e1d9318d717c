import { dirname, resolve } from 'node:path';
import type { Millis } from '@windvane/carbon-map';
import type { RunOnceKind } from '../dispatch/kinds.ts';
import { PREFIX } from '../optin/keys.ts';
import { parseOptIn } from '../optin/parse.ts';
import type { KeyPairFiles } from '../tls/pem.ts';
import { runOnceKinds } from './dispatch-schema.ts';
import { type Listen, parseListen } from './listen.ts';
import type { PricesFile } from './price-schema.ts';
import { type ProviderConfig, resolveProviders } from './providers.ts';
import { readYaml } from './read-yaml.ts';
import { redisUrl, type TlsFiles } from './redis-url.ts';
import { type ConfigFile, configSchema, type HubLimits, type ScoresFile } from './schema.ts';
import { type Environment, given, readSecret, type SecretPlaces } from './secret.ts';
import { UserError } from './user-error.ts';

export type { ProviderConfig } from './providers.ts';
export type { Environment } from './secret.ts';

/** The chain of the zones that a list of zones, locations, countries, groups and globs holds. */
interface ChainConfig {
  readonly zones: readonly string[];
  /** Names of providers, best first. */
  readonly providers: readonly string[];
}

/** Everything that the controller needs to know, checked. File names are absolute. */
export interface HubConfig {
  /** The ceiling: under `observe` nothing is written but status. */
  readonly mode: 'observe' | 'act';
  /** `*` stands for all. */
  readonly namespaces: readonly string[];
  readonly carbon: {
    /** All sources, and in this order the default chain. */
    readonly providers: readonly ProviderConfig[];
    readonly chains: readonly ChainConfig[];
    /** Zones kept besides those of the clusters, as written: zones, locations, groups or globs. */
    readonly zones: readonly string[];
    readonly refresh: Millis;
    /** How long after the end of its validity a reading still counts as live. */
    readonly allowedAge: Millis;
    readonly locations: Readonly<Record<string, string>>;
  };
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string };
  /** Null when nothing is said of prices. File names are absolute. */
  readonly prices: PricesFile | null;
  /** Null when no kubeconfig is named: the map and the API run without a plane. */
  readonly karmada: {
    readonly kubeconfig: string;
    readonly context: string | null;
    readonly hub: string;
    readonly clusterLocations: Readonly<Record<string, string>>;
  } | null;
  /** Null when no kubeconfig is named. */
  readonly ocm: {
    readonly kubeconfig: string;
    readonly context: string | null;
    readonly hub: string;
    readonly clusterLocations: Readonly<Record<string, string>>;
    readonly locationClaim: string | null;
    readonly scores: ScoresFile;
  } | null;
  readonly defaults: Readonly<Record<string, string>>;
  readonly limits: HubLimits;
  /** Kinds besides Job whose objects are dispatched. */
  readonly runOnceKinds: readonly RunOnceKind[];
  readonly api: {
    readonly listen: Listen;
    readonly tokensFile: string | null;
    /** Null serves plain HTTP. */
    readonly tls: KeyPairFiles | null;
  };
}

/**
 * Reads the hub's configuration: `file`, or else `WINDVANE_CONFIG`, or else the defaults, with
 * `WINDVANE_REDIS_URL`, `WINDVANE_KARMADA_KUBECONFIG` and `WINDVANE_OCM_KUBECONFIG` on top. Throws {@link UserError} with one line per mistake.
 */
export function loadConfig(file: string | undefined, environment: Environment): HubConfig {
  const path = file ?? given(environment, 'WINDVANE_CONFIG');
  const base = path === undefined ? process.cwd() : dirname(resolve(path));
  const checked = path === undefined ? configSchema.parse({}) : readYaml(path, configSchema);
  return assemble(checked, base, environment);
}

/**
 * The kinds that a hub dispatches besides Jobs, by its file alone: where its secrets are does not matter. None without
 * a file. Throws {@link UserError}.
 */
export function loadRunOnceKinds(file: string | undefined, environment: Environment): readonly RunOnceKind[] {
  const path = file ?? given(environment, 'WINDVANE_CONFIG');
  return path === undefined ? [] : runOnceKinds(readYaml(path, configSchema).dispatch);
}

function assemble(checked: ConfigFile, base: string, environment: Environment): HubConfig {
  const absolute = (name: string): string => resolve(base, name);
  const kubeconfigOf = (variable: string, written: string | undefined): string | undefined =>
    given(environment, variable) ?? (written === undefined ? undefined : absolute(written));
  const kubeconfig = kubeconfigOf('WINDVANE_KARMADA_KUBECONFIG', checked.karmada.kubeconfig);
  const ocmKubeconfig = kubeconfigOf('WINDVANE_OCM_KUBECONFIG', checked.ocm.kubeconfig);
  const places: SecretPlaces = { absolute, environment };
  const providers = resolveProviders(checked.carbon.providers, places);
  if (kubeconfig !== undefined && ocmKubeconfig !== undefined && checked.karmada.hub === checked.ocm.hub) {
    throw new UserError(
      `ocm.hub: "${checked.ocm.hub}" is the name of the Karmada hub too: give each hub a name of its own`,
    );
  }
  return {
    mode: checked.mode,
    namespaces: checked.namespaces,
    carbon: {
      providers,
      chains: checkedChains(checked.carbon.chains, providers),
      zones: checked.carbon.zones,
      refresh: checked.carbon.refresh,
      allowedAge: checked.carbon.allowedAge,
      locations: checked.carbon.locations,
    },
    store: storeOf(checked.store, absolute, given(environment, 'WINDVANE_REDIS_URL')),
    prices: checked.prices === undefined ? null : withAbsoluteFiles(checked.prices, absolute),
    karmada:
      kubeconfig === undefined
        ? null
        : {
            kubeconfig,
            context: checked.karmada.context ?? null,
            hub: checked.karmada.hub,
            clusterLocations: checked.karmada.clusterLocations,
          },
    ocm:
      ocmKubeconfig === undefined
        ? null
        : {
            kubeconfig: ocmKubeconfig,
            context: checked.ocm.context ?? null,
            hub: checked.ocm.hub,
            clusterLocations: checked.ocm.clusterLocations,
            locationClaim: checked.ocm.locationClaim ?? null,
            scores: checked.ocm.scores,
          },
    defaults: checkedDefaults(checked.defaults),
    limits: checked.limits,
    runOnceKinds: runOnceKinds(checked.dispatch),
    api: {
      listen: parseListen(checked.api.listen),
      tokensFile: checked.api.tokensFile === undefined ? null : absolute(checked.api.tokensFile),
      tls: keyPairFiles(checked.api.tls, absolute),
    },
  };
}

/** The keys of opt-ins, checked as on any object: a mistake here would otherwise show on every workload. */
function checkedDefaults(defaults: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const prefixed = Object.keys(defaults).filter((key) => key.startsWith(PREFIX));
  if (prefixed.length > 0) {
    throw new UserError(
      prefixed.map((key) => `defaults.${key}: write ${key.slice(PREFIX.length)}, without the prefix`),
    );
  }
  const { problems } = parseOptIn('hub', 'defaults of the configuration', defaults, null);
  if (problems.length > 0) throw new UserError(problems.map(({ message }) => `defaults: ${message}`));
  return defaults;
}

/** Chains name providers that are there. Throws {@link UserError}. */
function checkedChains(
  chains: readonly ChainConfig[],
  providers: readonly ProviderConfig[],
): readonly ChainConfig[] {
  const names = providers.map(({ name }) => name);
  const mistakes = chains.flatMap((chain, index) =>
    chain.providers.flatMap((name, place) => {
      const path = `carbon.chains[${index}].providers[${place}]`;
      if (!names.includes(name)) return [`${path}: no provider "${name}": there are ${names.join(', ')}`];
      return chain.providers.indexOf(name) < place ? [`${path}: "${name}" stands twice: remove one`] : [];
    }),
  );
  if (mistakes.length > 0) throw new UserError(mistakes);
  return chains;
}

function withAbsoluteFiles(prices: PricesFile, absolute: (name: string) => string): PricesFile {
  const located = <T extends { type: string }>(entry: T): T =>
    'file' in entry && typeof entry.file === 'string' ? { ...entry, file: absolute(entry.file) } : entry;
  return { ...prices, electricity: prices.electricity.map(located), clusters: prices.clusters.map(located) };
}

function storeOf(
  store: ConfigFile['store'],
  absolute: (name: string) => string,
  fromEnvironment: string | undefined,
): HubConfig['store'] {
  if (store.kind === 'memory') {
    const idle = (['url', 'urlFile', 'tls'] as const).find((key) => store[key] !== undefined);
    if (idle === undefined) return { kind: 'memory' };
    throw new UserError(`store: kind memory has no use for ${idle}: remove it, or write kind: redis`);
  }
  const redis = (url: string, field: string, mayHoldPassword: boolean): HubConfig['store'] => ({
    kind: 'redis',
    url: redisUrl(url, field, mayHoldPassword, tlsFiles(store.tls, absolute)),
  });
  if (fromEnvironment !== undefined) return redis(fromEnvironment, 'WINDVANE_REDIS_URL', true);
  if (store.urlFile !== undefined) {
    return redis(readSecret(absolute(store.urlFile), 'store.urlFile'), 'store.urlFile', true);
  }
  if (store.url !== undefined) return redis(store.url, 'store.url', false);
  if (store.kind === 'redis') {
    throw new UserError(
      'store: kind redis needs an address: set WINDVANE_REDIS_URL, store.urlFile or store.url',
    );
  }
  return { kind: 'memory' };
}

function keyPairFiles(
  tls: ConfigFile['api']['tls'],
  absolute: (name: string) => string,
): KeyPairFiles | null {
  if (tls === undefined) return null;
  return {
    cert: { path: absolute(tls.certFile), setting: 'api.tls.certFile' },
    key: { path: absolute(tls.keyFile), setting: 'api.tls.keyFile' },
  };
}

/** The files are opened with the connection; one that cannot be read is told now, by its field. */
function tlsFiles(tls: ConfigFile['store']['tls'], absolute: (name: string) => string): TlsFiles {
  const path = (field: 'caFile' | 'certFile' | 'keyFile'): string | undefined => {
    const name = tls?.[field];
    if (name === undefined) return undefined;
    readSecret(absolute(name), `store.tls.${field}`);
    return absolute(name);
  };
  return { ca: path('caFile'), cert: path('certFile'), key: path('keyFile') };
}
