import type {
  Basis,
  CarbonAwareSdkLocation,
  Millis,
  PrometheusUnit,
  Signal,
  WattTimePlace,
  WattTimeSignal,
} from '@windvane/carbon-map';
import { z } from 'zod';
import { duration, httpUrl, positive, text, timeout } from './fields.ts';

/** What every source may say of itself. */
interface CommonEntry {
  /** What chains and numbers call it; its type unless said. */
  name?: string;
  /** Requests to it, evenly over time; more wait for a later round. */
  rate?: { requests: number; per: Millis; burst?: number };
  /** Readings that ended longer ago are not taken from it. */
  maxAge?: Millis;
}

interface HttpEntry {
  /** Where its API begins, for a proxy or a stand-in. */
  baseUrl?: string;
  /** Longest time for one request. */
  timeout?: Millis;
}

interface TokenEntry {
  tokenFile?: string;
  tokenEnv?: string;
}

interface LoginEntry {
  usernameFile?: string;
  usernameEnv?: string;
  passwordFile?: string;
  passwordEnv?: string;
}

/** One source, as written in the file: secrets are named, never held. */
export type ProviderEntry = CommonEntry &
  (
    | ({ type: 'electricity-maps'; basis?: Basis; zones?: string[] } & HttpEntry & TokenEntry)
    | ({
        type: 'watttime';
        signal?: WattTimeSignal;
        places: Record<string, WattTimePlace>;
      } & HttpEntry &
        LoginEntry)
    | ({ type: 'uk-carbon-intensity'; regions?: Record<string, number> } & HttpEntry)
    | ({ type: 'energy-charts'; countries?: Record<string, string>; basis?: Basis } & HttpEntry)
    | ({
        type: 'carbon-aware-sdk';
        baseUrl: string;
        signal: Signal;
        basis: Basis;
        locations: Record<string, CarbonAwareSdkLocation>;
      } & HttpEntry &
        TokenEntry)
    | ({
        type: 'prometheus';
        baseUrl: string;
        signal: Signal;
        basis: Basis;
        queries: Record<string, string>;
        unit?: PrometheusUnit;
        window?: Millis;
        zeroIsReal?: boolean;
      } & HttpEntry &
        TokenEntry &
        LoginEntry)
    /** CSV with the columns timestamp_utc, zone, carbon_intensity_g_per_kwh. */
    | { type: 'replay'; file: string; forecasts?: string }
    | { type: 'baseline' }
  );

const signal = z.enum(['average', 'marginal'], 'write average or marginal');
const basis = z.enum(['lifecycle', 'direct'], 'write lifecycle or direct');

const common = {
  name: text
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'write a name of lower-case letters, digits and dashes')
    .exactOptional(),
  rate: z
    .strictObject({ requests: positive, per: duration, burst: positive.exactOptional() })
    .refine(({ per }) => per > 0, { message: 'must be longer than 0', path: ['per'] })
    .exactOptional(),
  maxAge: duration.exactOptional(),
};
const http = { baseUrl: httpUrl.exactOptional(), timeout: timeout.exactOptional() };
const remote = { baseUrl: httpUrl, timeout: timeout.exactOptional(), signal, basis };
/** Never repeated: a secret may stand where the name of its variable belongs. */
const variable = text.regex(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'is not the name of an environment variable: write the name, never the secret itself',
);
const token = { tokenFile: text.exactOptional(), tokenEnv: variable.exactOptional() };
const login = {
  usernameFile: text.exactOptional(),
  usernameEnv: variable.exactOptional(),
  passwordFile: text.exactOptional(),
  passwordEnv: variable.exactOptional(),
};

const place = z.union(
  [
    z.strictObject({ region: text }),
    z.strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
  ],
  'write { region: NAME } or { latitude: DEGREES, longitude: DEGREES }',
);
const sdkLocation = z.strictObject({ location: text, gridRegion: text.exactOptional() });

const TYPES =
  'electricity-maps, watttime, uk-carbon-intensity, energy-charts, carbon-aware-sdk, prometheus, replay or baseline';

/** One entry of `carbon.providers`. */
export const providerEntry: z.ZodType<ProviderEntry> = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('electricity-maps'),
      basis: basis.exactOptional(),
      zones: z.array(text).exactOptional(),
      ...common,
      ...http,
      ...token,
    }),
    z.strictObject({
      type: z.literal('watttime'),
      signal: z
        .enum(
          ['co2_moer', 'co2_aoer'],
          'write co2_moer (marginal) or co2_aoer (average): a percentile is no intensity',
        )
        .exactOptional(),
      places: z.record(z.string(), place, 'write a region or coordinates by zone'),
      ...common,
      ...http,
      ...login,
    }),
    z.strictObject({
      type: z.literal('uk-carbon-intensity'),
      regions: z.record(z.string(), positive.max(17, 'regions are 1 to 17')).exactOptional(),
      ...common,
      ...http,
    }),
    z.strictObject({
      type: z.literal('energy-charts'),
      countries: z.record(z.string(), text).exactOptional(),
      basis: basis.exactOptional(),
      ...common,
      ...http,
    }),
    z.strictObject({
      type: z.literal('carbon-aware-sdk'),
      locations: z.record(z.string(), sdkLocation, "write the SDK's location by zone"),
      ...common,
      ...remote,
      ...token,
    }),
    z.strictObject({
      type: z.literal('prometheus'),
      queries: z.record(z.string(), text, 'write PromQL by zone'),
      unit: z
        .enum(['gCO2e per kWh', 'lbCO2e per MWh'], 'write gCO2e per kWh or lbCO2e per MWh')
        .exactOptional(),
      window: duration.exactOptional(),
      zeroIsReal: z.boolean().exactOptional(),
      ...common,
      ...remote,
      ...token,
      ...login,
    }),
    z.strictObject({ type: z.literal('replay'), file: text, forecasts: text.exactOptional(), ...common }),
    z.strictObject({ type: z.literal('baseline'), ...common }),
  ],
  `type must be ${TYPES}`,
);
