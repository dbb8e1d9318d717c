import { z } from 'zod';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import { apiVersionOf, type KubeObject } from '../../../kube/resource.ts';
import { PREFIX } from '../../../optin/keys.ts';
import { recordReader } from '../../shared/annotations.ts';
import { appliedText } from '../move/pins.ts';
import { OVERRIDE_POLICY, SCALED_OBJECT } from '../resources.ts';
import { clusterOfWork } from '../works.ts';
import type { Caps, Shares } from './caps.ts';
import type { ScaledObjectView } from './scaled-object.ts';

const CAP_PREFIX = 'windvane-cap-';
const CAP_LABEL = `${PREFIX}cap`;
const CAP_UNIT = `${PREFIX}unit`;
const CAP_RECORD = `${PREFIX}caps`;
const NAME_LENGTH = 200;
const PATH = '/spec/maxReplicaCount';

const shares = z.record(z.string(), z.number());

/** What caps stand for, and how far their step is. It is kept on the OverridePolicy itself: one write holds both. */
export interface CapRecord {
  /** Decision that the move began with. */
  readonly move: string;
  readonly moveStartedAt: string;
  /** Counted within the move, from 1. */
  readonly number: number;
  /** Shares before the step, after it, and those that the move aims at. */
  readonly before: Shares;
  readonly shares: Shares;
  readonly target: Shares;
  /** `raised`: the gainers have theirs, the losers keep what they had. */
  readonly phase: 'raised' | 'lowered';
  /** When this was written. */
  readonly at: string;
}

const recordSchema: z.ZodType<CapRecord> = z.object({
  move: z.string(),
  moveStartedAt: z.string(),
  number: z.number().int().min(1),
  before: shares,
  shares,
  target: shares,
  phase: z.enum(['raised', 'lowered']),
  at: z.string(),
});

/** Null also for one that somebody damaged: its caps are then taken for an even split. */
export const capRecord: (policy: KubeObject) => CapRecord | null = recordReader(CAP_RECORD, recordSchema);

export function capName({ name }: Pick<ScaledObjectView, 'name'>): string {
  return `${CAP_PREFIX}${name.slice(0, NAME_LENGTH)}`;
}

export function isCap(object: KubeObject): boolean {
  return object.metadata.name.startsWith(CAP_PREFIX) && object.metadata.labels?.[CAP_LABEL] !== undefined;
}

/** Key of the unit that a cap belongs to. */
export function unitOfCap(object: KubeObject): string {
  return object.metadata.annotations?.[CAP_UNIT] ?? '';
}

/** The OverridePolicy that caps a ScaledObject. `add` also replaces; it goes with the ScaledObject. */
export function applyCap(
  api: Pick<KubeApi, 'apply'>,
  scaler: ScaledObjectView,
  unit: string,
  caps: Caps,
  record: CapRecord,
): Promise<KubeObject> {
  const { namespace, name, object } = scaler;
  const apiVersion = apiVersionOf(SCALED_OBJECT);
  const { kind } = SCALED_OBJECT;
  const { uid } = object.metadata;
  const policy: KubeObject = {
    metadata: {
      name: capName(scaler),
      namespace,
      labels: { [CAP_LABEL]: 'true' },
      annotations: { [CAP_UNIT]: unit, [CAP_RECORD]: JSON.stringify(record) },
      ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion, kind, name, uid }] }),
    },
    spec: {
      resourceSelectors: [{ apiVersion, kind, namespace, name }],
      overrideRules: Object.entries(caps)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([cluster, value]) => ({
          targetCluster: { clusterNames: [cluster] },
          overriders: { plaintext: [{ path: PATH, operator: 'add', value }] },
        })),
    },
  };
  return api.apply(OVERRIDE_POLICY, policy, { force: true });
}

/** Removes a cap: the members get the template's maximum back, which is never less. One that is gone is no error. */
export async function removeCap(api: Pick<KubeApi, 'delete'>, cap: KubeObject): Promise<void> {
  const { uid } = cap.metadata;
  try {
    await api.delete(OVERRIDE_POLICY, cap.metadata, uid === undefined ? {} : { uid });
  } catch (error) {
    if (!isKubeError(error, 'not-found', 'conflict')) throw error;
  }
}

const rules = z.object({
  overrideRules: z.array(
    z.object({
      targetCluster: z.object({ clusterNames: z.tuple([z.string()]) }),
      overriders: z.object({
        plaintext: z.tuple([z.object({ path: z.literal(PATH), value: z.number() })]),
      }),
    }),
  ),
});

/** What a stored cap says; null when somebody made something else of it. */
export function capsIn(policy: KubeObject | null): Caps | null {
  const parsed = rules.safeParse(policy?.spec).data;
  if (parsed === undefined) return null;
  return Object.fromEntries(
    parsed.overrideRules.map(({ targetCluster, overriders }) => [
      targetCluster.clusterNames[0],
      overriders.plaintext[0].value,
    ]),
  );
}

const applied = z.array(
  z.object({
    policyName: z.string(),
    overriders: z.object({
      plaintext: z.array(z.object({ path: z.string(), value: z.unknown() })).nullish(),
    }),
  }),
);

function renderedIn(work: KubeObject, name: string): unknown {
  try {
    const entries = applied.parse(JSON.parse(appliedText(work) ?? '[]'));
    const own = entries.find(({ policyName }) => policyName === name);
    return own?.overriders.plaintext?.find(({ path }) => path === PATH)?.value;
  } catch {
    return undefined;
  }
}

/** A cluster whose Work was not rendered with its cap yet; null when all are. */
export function unrendered(scaler: ScaledObjectView, caps: Caps, works: Iterable<KubeObject>): string | null {
  const rendered = new Map<string, unknown>();
  for (const work of works) {
    const cluster = clusterOfWork(work);
    if (cluster !== null) rendered.set(cluster, renderedIn(work, capName(scaler)));
  }
  // A member that does not serve KEDA's kinds has no Work, and nothing to wait for.
  const waiting = Object.entries(caps).find(
    ([cluster, cap]) => rendered.has(cluster) && rendered.get(cluster) !== cap,
  );
  return waiting?.[0] ?? null;
}
