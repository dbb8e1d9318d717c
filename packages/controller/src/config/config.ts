import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Millis, ZoneCode } from '@windvane/carbon-map';
import { parseOptIn } from '../optin/parse.ts';
import { type Listen, parseListen } from './listen.ts';
import { readYaml } from './read-yaml.ts';
import { redisUrl } from './redis-url.ts';
import { type ConfigFile, configSchema, type HubLimits } from './schema.ts';
import { UserError } from './user-error.ts';

/** One source of the chain, with its secret already read. */
export type ProviderConfig =
  | { readonly type: 'electricity-maps'; readonly token: string }
  | { readonly type: 'replay'; readonly file: string }
  | { readonly type: 'baseline' };

/** Everything that the controller needs to know, checked. File names are absolute. */
export interface HubConfig {
  /** The ceiling: under `observe` nothing is written but status. */
  readonly mode: 'observe' | 'act';
  /** `*` stands for all. */
  readonly namespaces: readonly string[];
  readonly carbon: {
    readonly providers: readonly ProviderConfig[];
    readonly zones: readonly ZoneCode[];
    readonly refresh: Millis;
    readonly locations: Readonly<Record<string, string>>;
  };
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string };
  /** Null when no kubeconfig is named: the map and the API run without a plane. */
  readonly karmada: {
    readonly kubeconfig: string;
    readonly context: string | null;
    readonly hub: string;
    readonly clusterLocations: Readonly<Record<string, string>>;
  } | null;
  readonly defaults: Readonly<Record<string, string>>;
  readonly limits: HubLimits;
  readonly api: { readonly listen: Listen; readonly tokensFile: string | null };
}

/** The environment variables that are looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the hub's configuration: `file`, or else `WINDVANE_CONFIG`, or else the defaults, with
 * `WINDVANE_REDIS_URL` and `WINDVANE_KARMADA_KUBECONFIG` on top. Throws {@link UserError} with one line per mistake.
 */
export function loadConfig(file: string | undefined, environment: Environment): HubConfig {
  const path = file ?? given(environment, 'WINDVANE_CONFIG');
  const base = path === undefined ? process.cwd() : dirname(resolve(path));
  const checked = path === undefined ? configSchema.parse({}) : readYaml(path, configSchema);
  return assemble(checked, base, environment);
}

function assemble(checked: ConfigFile, base: string, environment: Environment): HubConfig {
  const absolute = (name: string): string => resolve(base, name);
  const kubeconfig =
    given(environment, 'WINDVANE_KARMADA_KUBECONFIG') ??
    (checked.karmada.kubeconfig === undefined ? undefined : absolute(checked.karmada.kubeconfig));
  return {
    mode: checked.mode,
    namespaces: checked.namespaces,
    carbon: {
      providers: checked.carbon.providers.map((provider, index) =>
        withSecret(provider, `carbon.providers[${index}]`, absolute, environment),
      ),
      zones: checked.carbon.zones,
      refresh: checked.carbon.refresh,
      locations: checked.carbon.locations,
    },
    store: storeOf(checked.store, absolute, given(environment, 'WINDVANE_REDIS_URL')),
    karmada:
      kubeconfig === undefined
        ? null
        : {
            kubeconfig,
            context: checked.karmada.context ?? null,
            hub: checked.karmada.hub,
            clusterLocations: checked.karmada.clusterLocations,
          },
    defaults: checkedDefaults(checked.defaults),
    limits: checked.limits,
    api: {
      listen: parseListen(checked.api.listen),
      tokensFile: checked.api.tokensFile === undefined ? null : absolute(checked.api.tokensFile),
    },
  };
}

/** The keys of opt-ins, checked as on any object: a mistake here would otherwise show on every workload. */
function checkedDefaults(defaults: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { problems } = parseOptIn('hub', 'defaults of the configuration', defaults, null);
  if (problems.length > 0) throw new UserError(problems.map(({ message }) => `defaults: ${message}`));
  return defaults;
}

function withSecret(
  provider: ConfigFile['carbon']['providers'][number],
  path: string,
  absolute: (name: string) => string,
  environment: Environment,
): ProviderConfig {
  if (provider.type === 'replay') return { type: 'replay', file: absolute(provider.file) };
  if (provider.type === 'baseline') return { type: 'baseline' };
  if (provider.tokenFile !== undefined) {
    return { type: provider.type, token: readSecret(absolute(provider.tokenFile), `${path}.tokenFile`) };
  }
  const variable = provider.tokenEnv ?? 'ELECTRICITY_MAPS_TOKEN';
  const token = given(environment, variable);
  if (token === undefined) {
    throw new UserError(
      `${path}: electricity-maps needs a token: set the environment variable ${variable}, or name a file with tokenFile`,
    );
  }
  return { type: provider.type, token };
}

function storeOf(
  store: ConfigFile['store'],
  absolute: (name: string) => string,
  fromEnvironment: string | undefined,
): HubConfig['store'] {
  if (store.kind === 'memory') return { kind: 'memory' };
  if (fromEnvironment !== undefined)
    return { kind: 'redis', url: redisUrl(fromEnvironment, 'WINDVANE_REDIS_URL', true) };
  if (store.urlFile !== undefined) {
    return {
      kind: 'redis',
      url: redisUrl(readSecret(absolute(store.urlFile), 'store.urlFile'), 'store.urlFile', true),
    };
  }
  if (store.url !== undefined) return { kind: 'redis', url: redisUrl(store.url, 'store.url', false) };
  if (store.kind === 'redis') {
    throw new UserError(
      'store: kind redis needs an address: set WINDVANE_REDIS_URL, store.urlFile or store.url',
    );
  }
  return { kind: 'memory' };
}

function readSecret(path: string, field: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UserError(
      `${field}: cannot read ${path} (${codeOf(error)}): name a file that this user may read`,
    );
  }
  if (content === '') throw new UserError(`${field}: ${path} is empty: put the secret in it`);
  return content;
}

/** An empty variable counts as unset, as a deployment template leaves it. */
function given(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
