import { MAX_GRAMS_PER_KWH, parseInstant, type ZoneState } from '@windvane/carbon-map';
import type { ScalerView, ScalerZone } from '@windvane/controller/carbon';
import { parseDuration } from '@windvane/controller/config';
import { z } from 'zod';
import { type Origin, type WorkloadShare, workloadKey, type ZoneOutlook } from '../../policy/snapshot.ts';

/** What the hub says, as it came: `GET /scaler/v1/view` of the hub's API. */
export type HubView = ScalerView;
export type HubZone = ScalerZone;

const instant = z.string().transform((written, context) => {
  const at = parseInstant(written);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: 'is not an instant (RFC 3339)' });
  return z.NEVER;
});
const duration = z.string().transform((written, context) => {
  const length = parseDuration(written);
  if (length !== null && length > 0) return length;
  context.addIssue({ code: 'custom', message: 'is not a duration' });
  return z.NEVER;
});
const grams = z.number().min(0).max(MAX_GRAMS_PER_KWH);
const zoneSchema: z.ZodType<ScalerZone> = z.object({
  id: z.string().min(1).max(40),
  name: z.string(),
  current: z
    .object({
      gramsPerKwh: grams,
      signal: z.enum(['average', 'marginal']),
      basis: z.enum(['lifecycle', 'direct']),
      source: z.string(),
      estimated: z.boolean(),
      validFrom: instant,
      validTo: instant,
      fetchedAt: instant,
      data: z.enum(['live', 'baseline', 'stale']),
    })
    .nullable(),
  forecast: z
    .object({
      source: z.string(),
      issuedAt: instant,
      resolution: duration,
      points: z.array(z.object({ at: instant, gramsPerKwh: grams })).max(10_000),
    })
    .nullable(),
  history: z.object({ start: instant, values: z.array(grams.nullable()).max(10_000) }).nullable(),
});
const viewSchema: z.ZodType<ScalerView> = z.object({
  version: z.number().int(),
  issuedAt: instant,
  frozen: z.boolean(),
  cluster: z.object({ name: z.string(), zone: z.string().nullable() }),
  zones: z.array(zoneSchema).max(1_000),
  shares: z.array(
    z.object({
      namespace: z.string(),
      name: z.string(),
      kind: z.string(),
      share: z.number().min(0).max(1),
      since: instant.nullable(),
    }),
  ),
});

/** Why an answer cannot be read, in a sentence. */
class BadView extends Error {
  override readonly name = 'BadView';
}

/** Reads a view. Throws {@link BadView} for anything that is none. */
export function readView(value: unknown): HubView {
  const parsed = viewSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BadView(
    `the view of the hub cannot be read (${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}): run hub and scaler of the same version`,
  );
}

/** Reads one zone of a view, as kept on disk; null for anything that is none. */
export function readZone(value: unknown): HubZone | null {
  const parsed = zoneSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Whether a zone tells more than a yearly average. */
export function isLive({ current }: HubZone): boolean {
  return current !== null && current.data !== 'baseline';
}

/** A zone of a view as an outlook. */
export function outlookOf({ id, name, current, forecast, history }: HubZone, origin: Origin): ZoneOutlook {
  const pair = { signal: current?.signal ?? 'average', basis: current?.basis ?? 'lifecycle' } as const;
  const state: ZoneState = {
    zone: id,
    name,
    data: current?.data ?? null,
    reading: current === null ? null : { ...current, zone: id },
    forecast:
      forecast === null
        ? null
        : {
            ...pair,
            zone: id,
            source: forecast.source,
            issuedAt: forecast.issuedAt,
            resolution: forecast.resolution,
            points: forecast.points.map((point) => ({ ...point, expectedError: null })),
          },
  };
  return { origin: current?.data === 'baseline' ? 'baseline' : origin, state, history };
}

/** The shares of a view by workload. */
export function sharesOf({ shares }: HubView): ReadonlyMap<string, WorkloadShare> {
  return new Map(shares.map(({ share, since, ...ref }) => [workloadKey(ref), { share, since }]));
}
