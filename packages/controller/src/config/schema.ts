import { DAY, HOUR, MINUTE, type Millis } from '@windvane/carbon-map';
import { z } from 'zod';
import { type DispatchFile, dispatchSchema } from './dispatch-schema.ts';
import { duration, positive, section, text, textOrNumber } from './fields.ts';
import { type PricesFile, pricesSchema } from './price-schema.ts';
import { type ProviderEntry, providerEntry } from './provider-schema.ts';

/** The file's content after checks and defaults, before environment variables and secrets. */
export interface ConfigFile {
  mode: 'observe' | 'act';
  /** Namespaces served; `*` stands for all. */
  namespaces: string[];
  carbon: {
    /** All sources, and in this order the chain of every zone that `chains` does not name. */
    providers: ProviderEntry[];
    /** Chains of single zones; the first whose list holds the zone counts. */
    chains: { zones: string[]; providers: string[] }[];
    /** Zones kept besides those of the clusters. */
    zones: string[];
    refresh: Millis;
    /** How long after the end of its validity a reading still counts as live. */
    allowedAge: Millis;
    /** Own names for places, or other zones for known ones. */
    locations: Record<string, string>;
  };
  store: {
    kind?: 'memory' | 'redis' | undefined;
    /** Without a password; one with a password comes by WINDVANE_REDIS_URL or `urlFile`. */
    url?: string | undefined;
    urlFile?: string | undefined;
    /** PEM files, for an address with TLS. */
    tls?:
      | { caFile?: string | undefined; certFile?: string | undefined; keyFile?: string | undefined }
      | undefined;
  };
  prices?: PricesFile | undefined;
  karmada: {
    kubeconfig?: string | undefined;
    context?: string | undefined;
    /** Name of this hub in the API. */
    hub: string;
    /** Locations of clusters that carry none themselves. */
    clusterLocations: Record<string, string>;
  };
  ocm: {
    kubeconfig?: string | undefined;
    context?: string | undefined;
    /** Name of this hub in the API. */
    hub: string;
    /** Locations of clusters that carry none themselves. */
    clusterLocations: Record<string, string>;
    /** Cluster claim that names a location. */
    locationClaim?: string | undefined;
    /** Scores for hand-written Placements. */
    scores: ScoresFile;
  };
  /** Values of `windvane.dev/...` keys (written without the prefix) for objects that do not set them. */
  defaults: Record<string, string>;
  limits: HubLimits;
  dispatch: DispatchFile;
  api: {
    /** host:port; port 0 takes a free one. */
    listen: string;
    tokensFile?: string | undefined;
    /** PEM files of the certificate and its key; plain HTTP without. */
    tls?: { certFile: string; keyFile: string } | undefined;
  };
}

/** How intensities become the scores that anybody's Placement may draw on. */
export interface ScoresFile {
  publish: boolean;
  /** Scores 100 and 0; in gCO2eq per kWh. */
  cleanGramsPerKwh: number;
  dirtyGramsPerKwh: number;
  /** Points by which a score must differ to be written. */
  deadBand: number;
}

/** Limits of the whole fleet. */
export interface HubLimits {
  /** Replicas moved per hour over all units: the larger of this count and the share of those managed (0..1). */
  replicasPerHour: number;
  shareOfReplicasPerHour: number;
  stepsPerReceivingCluster: number;
}

const namespace = text.regex(
  /^(\*|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/,
  'is not the name of a namespace: write lower-case letters, digits and dashes, or "*" for all',
);

/** What the configuration file may say. Everything has a default: an empty file is a valid one. */
export const configSchema: z.ZodType<ConfigFile> = z.strictObject({
  mode: z.enum(['observe', 'act'], 'write observe or act').default('observe'),
  namespaces: z.array(namespace).min(1, 'name at least one namespace, or "*"').default(['*']),
  carbon: section(
    z.strictObject({
      providers: z
        .array(providerEntry)
        .min(1, 'name at least one provider, for example "type: baseline"')
        .default([{ type: 'baseline' }]),
      chains: z
        .array(
          z.strictObject({
            zones: z.array(text).min(1, 'name at least one zone, location or glob'),
            providers: z.array(text).min(1, 'name at least one of carbon.providers'),
          }),
        )
        .default([]),
      zones: z.array(text).default([]),
      refresh: duration
        .refine((length) => length >= MINUTE, 'must be at least 1m')
        .refine((length) => length <= DAY, 'must be at most 24h')
        .default(5 * MINUTE),
      allowedAge: duration.default(2 * HOUR),
      locations: section(z.record(z.string(), text)),
    }),
  ),
  store: section(
    z.strictObject({
      kind: z.enum(['memory', 'redis'], 'write memory or redis').optional(),
      url: text.optional(),
      urlFile: text.optional(),
      tls: z
        .strictObject({
          caFile: text.optional(),
          certFile: text.optional(),
          keyFile: text.optional(),
        })
        .optional(),
    }),
  ),
  prices: z.preprocess((written) => written ?? undefined, pricesSchema.optional()).optional(),
  karmada: section(
    z.strictObject({
      kubeconfig: text.optional(),
      context: text.optional(),
      hub: text.default('karmada'),
      clusterLocations: section(z.record(z.string(), text)),
    }),
  ),
  ocm: section(
    z.strictObject({
      kubeconfig: text.optional(),
      context: text.optional(),
      hub: text.default('ocm'),
      clusterLocations: section(z.record(z.string(), text)),
      locationClaim: text.optional(),
      scores: section(
        z
          .strictObject({
            publish: z.boolean().default(true),
            cleanGramsPerKwh: z.number().min(0, 'must not be negative').default(0),
            dirtyGramsPerKwh: positive.default(800),
            deadBand: z.number().int('write whole points').min(1).max(50).default(5),
          })
          .refine(({ cleanGramsPerKwh, dirtyGramsPerKwh }) => cleanGramsPerKwh < dirtyGramsPerKwh, {
            message: 'cleanGramsPerKwh must be less than dirtyGramsPerKwh',
          }),
      ),
    }),
  ),
  defaults: section(z.record(z.string(), textOrNumber)),
  limits: section(
    z.strictObject({
      replicasPerHour: positive.default(10),
      shareOfReplicasPerHour: z
        .number()
        .min(0, 'write a part of 1, for example 0.25')
        .max(1, 'write a part of 1, for example 0.25')
        .default(0.25),
      stepsPerReceivingCluster: positive.default(5),
    }),
  ),
  dispatch: section(dispatchSchema),
  api: section(
    z.strictObject({
      listen: text.default('127.0.0.1:4280'),
      tokensFile: text.optional(),
      tls: z.strictObject({ certFile: text, keyFile: text }).optional(),
    }),
  ),
});
