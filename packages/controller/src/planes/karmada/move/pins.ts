import { z } from 'zod';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import { PREFIX } from '../../../optin/keys.ts';
import type { StepDivision } from '../../shared/annotations.ts';
import { type StepRecord, stepId } from '../annotations.ts';
import type { PolicyView } from '../policy.ts';
import { OVERRIDE_POLICY } from '../resources.ts';
import type { Unit, UnitMember } from '../unit.ts';

/** Before the name of every pin. */
const PIN_PREFIX = 'windvane-pin-';
const PIN_LABEL = `${PREFIX}pin`;
const PIN_UNIT = `${PREFIX}unit`;
const NAME_LENGTH = 200;

/** What a pin holds: replicas per cluster, whatever the weights say. */
type Held = Readonly<Record<string, number>>;

/** A pin as it should be. */
export interface Pin {
  readonly name: string;
  readonly member: UnitMember;
  readonly held: Held;
}

/** What one Work was rendered with: the value of each pin by name. */
export type AppliedPins = ReadonlyMap<string, number>;

/** Clusters that hold replicas of any workload before or after the step. */
export function touchedClusters(divisions: Iterable<StepDivision>): string[] {
  const touched = new Set<string>();
  for (const { from, to } of divisions) {
    for (const [cluster, count] of [...Object.entries(from), ...Object.entries(to)]) {
      if (count > 0) touched.add(cluster);
    }
  }
  return [...touched].sort();
}

/** Every pin of a step: per workload the larger of before and after in every cluster that the step touches. */
export function pinsOf(step: StepRecord, unit: Unit): Pin[] {
  if (!step.surge) return [];
  const touched = touchedClusters(Object.values(step.divisions));
  return unit.members.flatMap((member) => {
    const division = step.divisions[member.workload.key];
    if (division === undefined) return [];
    const held = touched.map(
      (cluster) => [cluster, Math.max(division.from[cluster] ?? 0, division.to[cluster] ?? 0)] as const,
    );
    const { workload } = member;
    const own = `${workload.name}-${workload.type.kind.toLowerCase()}`.slice(0, NAME_LENGTH);
    return [{ name: `${PIN_PREFIX}${own}-${stepId(step)}`, member, held: Object.fromEntries(held) }];
  });
}

/** The OverridePolicy that is a pin. `add` also replaces; `replace` would fail on a template without replicas. */
function pinObject(pin: Pin, policy: PolicyView, unitKey: string, step: StepRecord): KubeObject {
  const { workload } = pin.member;
  const { apiVersion = '', metadata } = workload.object;
  const owner = policy.object.metadata.uid;
  return {
    metadata: {
      name: pin.name,
      namespace: workload.namespace,
      labels: { [PIN_LABEL]: stepId(step) },
      annotations: { [PIN_UNIT]: unitKey },
      // Should nobody be left to remove it, it goes with the policy.
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              {
                apiVersion: `${policy.type.group}/${policy.type.version}`,
                kind: policy.kind,
                name: policy.object.metadata.name,
                uid: owner,
              },
            ],
          }),
    },
    spec: {
      resourceSelectors: [
        { apiVersion, kind: workload.type.kind, namespace: workload.namespace, name: metadata.name },
      ],
      overrideRules: Object.entries(pin.held).map(([cluster, value]) => ({
        targetCluster: { clusterNames: [cluster] },
        overriders: { plaintext: [{ path: '/spec/replicas', operator: 'add', value }] },
      })),
    },
  };
}

const pinSpec = z.object({
  overrideRules: z.array(
    z.object({
      targetCluster: z.object({ clusterNames: z.tuple([z.string()]) }),
      overriders: z.object({
        plaintext: z.tuple([z.object({ path: z.literal('/spec/replicas'), value: z.number() })]),
      }),
    }),
  ),
});

/** Whether the stored object holds what the pin should. */
export function holds(object: KubeObject | undefined, pin: Pin): boolean {
  const spec = pinSpec.safeParse(object?.spec);
  if (!spec.success || object?.metadata.deletionTimestamp !== undefined) return false;
  const held = new Map(
    spec.data.overrideRules.map(({ targetCluster, overriders }) => [
      targetCluster.clusterNames[0],
      overriders.plaintext[0].value,
    ]),
  );
  const wanted = Object.entries(pin.held);
  return held.size === wanted.length && wanted.every(([cluster, count]) => held.get(cluster) === count);
}

export function isPin(object: KubeObject): boolean {
  return object.metadata.name.startsWith(PIN_PREFIX) && object.metadata.labels?.[PIN_LABEL] !== undefined;
}

/** Unit and step that a pin belongs to. */
export function ownerOfPin(object: KubeObject): { readonly unit: string; readonly step: string } {
  return {
    unit: object.metadata.annotations?.[PIN_UNIT] ?? '',
    step: object.metadata.labels?.[PIN_LABEL] ?? '',
  };
}

export function applyPin(
  api: Pick<KubeApi, 'apply'>,
  pin: Pin,
  policy: PolicyView,
  unitKey: string,
  step: StepRecord,
): Promise<KubeObject> {
  return api.apply(OVERRIDE_POLICY, pinObject(pin, policy, unitKey, step), { force: true });
}

/** Removes a pin; one that is gone already is no error. */
export async function removePin(api: KubeApi, pin: KubeObject): Promise<void> {
  const { uid } = pin.metadata;
  try {
    await api.delete(OVERRIDE_POLICY, pin.metadata, uid === undefined ? {} : { uid });
  } catch (error) {
    // Made anew under the same name: the next look removes that one.
    if (!isKubeError(error, 'not-found', 'conflict')) throw error;
  }
}

const APPLIED = 'policy.karmada.io/applied-overrides';

const applied = z.array(
  z.object({
    policyName: z.string(),
    overriders: z.object({
      plaintext: z.array(z.object({ path: z.string(), value: z.unknown() })).nullish(),
    }),
  }),
);

/** Text of the annotation in which Karmada lists what a Work was rendered with; absent on most. */
export function appliedText(work: KubeObject): string | undefined {
  return work.metadata.annotations?.[APPLIED];
}

/** Pins that a Work was rendered with. Damage reads as none. */
export function appliedPins(work: KubeObject): AppliedPins {
  const text = appliedText(work);
  const pins = new Map<string, number>();
  if (text === undefined || !text.includes(PIN_PREFIX)) return pins;
  let parsed: z.infer<typeof applied>;
  try {
    parsed = applied.parse(JSON.parse(text));
  } catch {
    return pins;
  }
  for (const { policyName, overriders } of parsed) {
    const step = overriders.plaintext?.find(({ path }) => path === '/spec/replicas');
    if (policyName.startsWith(PIN_PREFIX) && typeof step?.value === 'number')
      pins.set(policyName, step.value);
  }
  return pins;
}
