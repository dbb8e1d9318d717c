import type {
  CarbonAwareSdkOptions,
  ElectricityMapsOptions,
  EnergyChartsOptions,
  Millis,
  PrometheusOptions,
  UkCarbonIntensityOptions,
  WattTimeOptions,
} from '@windvane/carbon-map';
import type { ProviderEntry } from './provider-schema.ts';
import { optionalSecret, requiredSecret, type SecretPlaces } from './secret.ts';
import { UserError } from './user-error.ts';

/** Requests to one source, evenly over time. */
interface RateConfig {
  readonly requests: number;
  readonly per: Millis;
  readonly burst?: number;
}

/** What the program itself gives to every source that is asked over HTTP. */
type Injected = 'clock' | 'fetch';

/** One source with its secrets already read. File names are absolute. */
export type ProviderConfig = {
  /** Unique; stands as `source` on every number. */
  readonly name: string;
  readonly rate?: RateConfig;
  /** Readings that ended longer ago are not taken from it. */
  readonly maxAge?: Millis;
} & (
  | ({ readonly type: 'electricity-maps' } & Omit<ElectricityMapsOptions, Injected>)
  | ({ readonly type: 'watttime' } & Omit<WattTimeOptions, Injected>)
  | ({ readonly type: 'uk-carbon-intensity' } & Omit<UkCarbonIntensityOptions, Injected>)
  | ({ readonly type: 'energy-charts' } & Omit<EnergyChartsOptions, Injected>)
  | ({ readonly type: 'carbon-aware-sdk' } & Omit<CarbonAwareSdkOptions, Injected>)
  | ({ readonly type: 'prometheus' } & Omit<PrometheusOptions, Injected>)
  | { readonly type: 'replay'; readonly file: string; readonly forecasts?: string }
  | { readonly type: 'baseline' }
);

/** Reads the secrets of every source and makes sure that names are unique. Throws {@link UserError}, one line per mistake. */
export function resolveProviders(
  entries: readonly ProviderEntry[],
  places: SecretPlaces,
): readonly ProviderConfig[] {
  const mistakes: string[] = [];
  const names = new Set<string>();
  const resolved: ProviderConfig[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = `carbon.providers[${index}]`;
    const name = entry.name ?? entry.type;
    if (names.has(name))
      mistakes.push(`${path}: a provider "${name}" is there already: give one of them a name`);
    names.add(name);
    try {
      resolved.push(withSecrets({ ...entry, name }, path, places));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      mistakes.push(...error.lines);
    }
  }
  if (mistakes.length > 0) throw new UserError(mistakes);
  return resolved;
}

function withSecrets(
  entry: ProviderEntry & { name: string },
  path: string,
  places: SecretPlaces,
): ProviderConfig {
  switch (entry.type) {
    case 'electricity-maps': {
      const { tokenFile: file, tokenEnv: variable, ...rest } = entry;
      const source = { file, variable };
      const token = requiredSecret(path, entry.type, 'token', source, 'ELECTRICITY_MAPS_TOKEN', places);
      return { ...rest, token };
    }
    case 'watttime': {
      const { usernameFile, usernameEnv, passwordFile, passwordEnv, ...rest } = entry;
      const part = (name: string, file: string | undefined, variable: string | undefined): string =>
        requiredSecret(path, entry.type, name, { file, variable }, `WATTTIME_${name.toUpperCase()}`, places);
      const username = part('username', usernameFile, usernameEnv);
      return { ...rest, username, password: part('password', passwordFile, passwordEnv) };
    }
    case 'carbon-aware-sdk': {
      const { tokenFile, tokenEnv, signal, basis, ...rest } = entry;
      const token = optionalSecret(path, 'token', { file: tokenFile, variable: tokenEnv }, places);
      return { ...rest, pair: { signal, basis }, ...(token !== undefined && { token }) };
    }
    case 'prometheus': {
      const { tokenFile, tokenEnv, usernameFile, usernameEnv, passwordFile, passwordEnv, ...open } = entry;
      const { signal, basis, ...rest } = open;
      const token = optionalSecret(path, 'token', { file: tokenFile, variable: tokenEnv }, places);
      const username = optionalSecret(
        path,
        'username',
        { file: usernameFile, variable: usernameEnv },
        places,
      );
      const password = optionalSecret(
        path,
        'password',
        { file: passwordFile, variable: passwordEnv },
        places,
      );
      if ((username === undefined) !== (password === undefined)) {
        throw new UserError(`${path}: prometheus needs both a username and a password, or neither`);
      }
      return {
        ...rest,
        pair: { signal, basis },
        ...(token !== undefined && { token }),
        ...(username !== undefined && password !== undefined && { username, password }),
      };
    }
    case 'replay': {
      const { file, forecasts, ...rest } = entry;
      return {
        ...rest,
        file: places.absolute(file),
        ...(forecasts !== undefined && { forecasts: places.absolute(forecasts) }),
      };
    }
    case 'uk-carbon-intensity':
    case 'energy-charts':
    case 'baseline':
      break;
  }
  return entry;
}
