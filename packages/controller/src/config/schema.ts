import { MINUTE, type Millis } from '@windvane/carbon-map';
import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** A length of time in configuration, for example `90m`. */
const duration: z.ZodType<Millis, string> = z.string().transform((text, context) => {
  const length = parseDuration(text);
  if (length !== null) return length;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write for example 90m, 1h30m or 2d`,
  });
  return z.NEVER;
});

const text = z.string('write a text').min(1, 'must not be empty');
const positive = z.number('write a number').int('write a whole number').positive('must be at least 1');

const provider = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('electricity-maps'),
      tokenFile: text.optional(),
      tokenEnv: text.optional(),
    }),
    z.strictObject({ type: z.literal('replay'), file: text }),
    z.strictObject({ type: z.literal('baseline') }),
  ],
  'type must be electricity-maps, replay or baseline',
);

/** The file's content after checks and defaults, before environment variables and secrets. */
export interface ConfigFile {
  mode: 'observe' | 'act';
  /** Namespaces served; `*` stands for all. */
  namespaces: string[];
  carbon: {
    providers: ProviderEntry[];
    /** Zones kept besides those of the clusters. */
    zones: string[];
    refresh: Millis;
    /** Own names for places, or other zones for known ones. */
    locations: Record<string, string>;
  };
  store: {
    kind?: 'memory' | 'redis' | undefined;
    /** Without a password; one with a password comes by WINDVANE_REDIS_URL or `urlFile`. */
    url?: string | undefined;
    urlFile?: string | undefined;
  };
  karmada: {
    kubeconfig?: string | undefined;
    context?: string | undefined;
    /** Name of this hub in the API. */
    hub: string;
    /** Locations of clusters that carry none themselves. */
    clusterLocations: Record<string, string>;
  };
  /** Values of `windvane.dev/...` keys (written without the prefix) for objects that do not set them. */
  defaults: Record<string, string>;
  limits: HubLimits;
  api: {
    /** host:port; port 0 takes a free one. */
    listen: string;
    tokensFile?: string | undefined;
  };
}

/** One source of the chain; the first that answers for a zone is taken. */
type ProviderEntry =
  /** The token comes from a file, or from an environment variable (ELECTRICITY_MAPS_TOKEN unless named). */
  | { type: 'electricity-maps'; tokenFile?: string | undefined; tokenEnv?: string | undefined }
  /** CSV with the columns timestamp_utc, zone, carbon_intensity_g_per_kwh. */
  | { type: 'replay'; file: string }
  | { type: 'baseline' };

/** Limits of the whole fleet. */
export interface HubLimits {
  /** Replicas moved per hour over all units: the larger of this count and the share of those managed (0..1). */
  replicasPerHour: number;
  shareOfReplicasPerHour: number;
  stepsPerReceivingCluster: number;
}

/** What the configuration file may say. Everything has a default: an empty file is a valid one. */
export const configSchema: z.ZodType<ConfigFile> = z.strictObject({
  mode: z.enum(['observe', 'act'], 'write observe or act').default('observe'),
  namespaces: z.array(text).min(1, 'name at least one namespace, or "*"').default(['*']),
  carbon: z
    .strictObject({
      providers: z
        .array(provider)
        .min(1, 'name at least one provider, for example "type: baseline"')
        .default([{ type: 'baseline' }]),
      zones: z.array(text).default([]),
      refresh: duration.refine((length) => length >= MINUTE, 'must be at least 1m').default(5 * MINUTE),
      locations: z.record(z.string(), text).default({}),
    })
    .prefault({}),
  store: z
    .strictObject({
      kind: z.enum(['memory', 'redis'], 'write memory or redis').optional(),
      url: text.optional(),
      urlFile: text.optional(),
    })
    .prefault({}),
  karmada: z
    .strictObject({
      kubeconfig: text.optional(),
      context: text.optional(),
      hub: text.default('karmada'),
      clusterLocations: z.record(z.string(), text).default({}),
    })
    .prefault({}),
  defaults: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
  limits: z
    .strictObject({
      replicasPerHour: positive.default(10),
      shareOfReplicasPerHour: z
        .number()
        .min(0, 'write a part of 1, for example 0.25')
        .max(1, 'write a part of 1, for example 0.25')
        .default(0.25),
      stepsPerReceivingCluster: positive.default(5),
    })
    .prefault({}),
  api: z.strictObject({ listen: text.default('127.0.0.1:4280'), tokensFile: text.optional() }).prefault({}),
});
