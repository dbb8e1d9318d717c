import { isDeepStrictEqual } from 'node:util';
import type { Millis } from '@windvane/carbon-map';
import { z } from 'zod';
import { FIELD_MANAGER, type KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import { STEP } from '../../shared/annotations.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { candidatesOf } from '../candidates.ts';
import { foundWeights } from '../found.ts';
import type { MemberCluster } from '../member.ts';
import { canonicalWeights, foundIn, ownsWeights, type PolicyView } from '../policy.ts';
import { readPolicySpec } from '../read/policy-spec.ts';
import { OVERRIDE_POLICY } from '../resources.ts';
import { optInOf } from '../unit.ts';
import { type Leg, nextWeights } from './route.ts';
import { type Holding, hasOwnEntry, lookAgain, ownAnnotations } from './survey.ts';

/** How one policy was handed back. */
export type HandBack =
  /** The weights are as found. */
  | 'restored'
  /** The weights are somebody else's, or were never written: nothing but marks were taken away. */
  | 'left'
  /** Replicas did not become available in time; the weights stay where they are. */
  | 'timeout';

const POLL: Millis = 1_000;
const DEFAULT_STEP = 0.25;
/** Writes in one hand-back that may meet a newer version; each is tried again on that one. */
const REFUSALS = 50;
const PREFERENCE = ['spec', 'placement', 'replicaScheduling', 'weightPreference'];

const pointer = (path: readonly string[]): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined,
    root,
  );
}

const testVersion = (object: KubeObject): { op: 'test'; path: string; value: string | undefined } => ({
  op: 'test',
  path: '/metadata/resourceVersion',
  value: object.metadata.resourceVersion,
});

/** Writes a weight list as the manager that owns it, on the version that was looked at. */
async function writeList(api: KubeApi, policy: PolicyView, staticWeightList: unknown): Promise<void> {
  const { name, namespace, uid, resourceVersion } = policy.object.metadata;
  await api.apply(policy.type, {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    spec: { placement: { replicaScheduling: { weightPreference: { staticWeightList } } } },
  });
}

/** Removes the list; the object around it too, unless somebody else wrote that. */
async function removeList(api: KubeApi, { type, object }: PolicyView): Promise<void> {
  const around = PREFERENCE.map((key) => `f:${key}`);
  const others = (object.metadata.managedFields ?? []).some(
    (entry) => entry.manager !== FIELD_MANAGER && at(entry.fieldsV1, around) !== undefined,
  );
  const preference = at(object, PREFERENCE);
  const alone = typeof preference === 'object' && preference !== null && Object.keys(preference).length === 1;
  const path = alone && !others ? PREFERENCE : [...PREFERENCE, 'staticWeightList'];
  await api.jsonPatch(type, object.metadata, [testVersion(object), { op: 'remove', path: pointer(path) }]);
}

/** Takes Windvane's annotations and its entries in managedFields away, in one guarded write. */
async function release(api: KubeApi, { type, object }: PolicyView): Promise<void> {
  const marks = ownAnnotations(object);
  if (marks.length === 0 && !hasOwnEntry(object)) return;
  const kept = (object.metadata.managedFields ?? []).filter((entry) => entry.manager !== FIELD_MANAGER);
  await api.jsonPatch(type, object.metadata, [
    testVersion(object),
    { op: 'replace', path: '/metadata/managedFields', value: kept },
    ...marks.map((key) => ({
      op: 'remove' as const,
      path: pointer(['metadata', 'annotations', key]),
    })),
  ]);
}

async function removeOverride(api: KubeApi, override: KubeObject): Promise<void> {
  const { uid } = override.metadata;
  try {
    await api.delete(OVERRIDE_POLICY, override.metadata, uid === undefined ? {} : { uid });
  } catch (error) {
    if (!isKubeError(error, 'not-found', 'conflict')) throw error;
  }
}

/** Removes pins and caps that nothing depends on. */
export async function removeOverrides(api: KubeApi, overrides: readonly KubeObject[]): Promise<void> {
  for (const override of overrides) await removeOverride(api, override);
}

const counts = z.record(z.string(), z.number());
const divisionsSchema = z.object({ divisions: z.record(z.string(), z.object({ from: counts })) });

/** Replicas per cluster before the step under way, of all its workloads together; null without a step. */
function beforeStep(policy: KubeObject): Readonly<Record<string, number>> | null {
  try {
    const step = divisionsSchema.parse(JSON.parse(policy.metadata.annotations?.[STEP] ?? ''));
    const before: Record<string, number> = {};
    for (const { from } of Object.values(step.divisions)) {
      for (const [name, count] of Object.entries(from)) {
        if (count > 0) before[name] = (before[name] ?? 0) + count;
      }
    }
    return Object.keys(before).length === 0 ? null : before;
  } catch {
    return null;
  }
}

/** What is still awaited, for people; null when every replica stands and is available. */
function awaited({ policy, bindings }: Holding, availability: boolean): string | null {
  for (const { object, settled, placement, assigned, available } of bindings) {
    const copied = readPolicySpec({ placement })?.placement?.replicaScheduling?.weightPreference;
    if (!settled || !isDeepStrictEqual(copied?.staticWeightList ?? [], policy.weights ?? [])) {
      return `Karmada to divide ${object.metadata.name}`;
    }
    if (!availability) continue;
    const short = Object.entries(assigned).find(([name, count]) => (available[name] ?? 0) < count);
    if (short !== undefined) {
      const [name, count] = short;
      return `${object.metadata.name} in ${name} (${available[name] ?? 0} of ${count} replicas available)`;
    }
  }
  return null;
}

function legsOf({ bindings }: Holding, maxStep: number): Leg[] {
  return bindings.map(({ replicas, assigned, resource }) => ({
    uid: resource.uid,
    replicas,
    current: assigned,
    maxMoved: Math.max(1, Math.floor(replicas * maxStep)),
  }));
}

function asFound({ policy, found }: Holding): boolean {
  if (found === null) return false;
  return isDeepStrictEqual(foundIn(policy.object), { present: found.present, value: found.value });
}

type Standing = { readonly kind: 'at-rest'; readonly holding: Holding } | { readonly kind: 'gone' | 'late' };

/**
 * Hands one policy back: pins away without a dip, the found value by steps of at most `max-step`, each once the
 * replicas of the one before are available, then every mark of Windvane. Starts anywhere, so that it can be broken off
 * and begun again; a write that meets a newer version looks again.
 */
export async function handBack(
  api: KubeApi,
  start: Holding,
  fleet: readonly MemberCluster[],
  pace: HandBackPace,
): Promise<HandBack> {
  const until = pace.now() + pace.timeout;
  const label = start.policy.label;
  const maxStep = start.unit === null ? DEFAULT_STEP : optInOf(start.unit, {}).options.maxStep;
  let told = '';

  async function wait(holding: Holding, availability: boolean): Promise<Standing> {
    for (let latest: Holding | null = holding; ; latest = await lookAgain(api, holding)) {
      if (latest === null) return { kind: 'gone' };
      const what = pace.force ? null : awaited(latest, availability);
      if (what === null) return { kind: 'at-rest', holding: latest };
      if (pace.now() >= until) return { kind: 'late' };
      if (what !== told) pace.tell(`${label}: waiting for ${what}`);
      told = what;
      await pace.pause(POLL);
    }
  }

  /** The loser of a step still runs what its pin holds: it gets that by weight before the pin goes. */
  async function unpin(holding: Holding): Promise<Standing> {
    const before = beforeStep(holding.policy.object);
    const inForce = before !== null && ownsWeights(holding.policy.object) && holding.overrides.length > 0;
    if (inForce && !pace.force) {
      const list = canonicalWeights(before);
      if (!isDeepStrictEqual(holding.policy.weights, list)) await writeList(api, holding.policy, list);
      const standing = await wait({ ...holding, ...(await fresh(holding)) }, false);
      if (standing.kind !== 'at-rest') return standing;
    }
    await removeOverrides(api, holding.overrides);
    return { kind: 'at-rest', holding: { ...holding, overrides: [] } };
  }

  const fresh = async (holding: Holding): Promise<Partial<Holding>> => (await lookAgain(api, holding)) ?? {};

  /** One write towards the found value; the outcome once there is none left to make. */
  async function step(holding: Holding): Promise<HandBack | null> {
    const { policy, found, unit } = holding;
    if (found === null || !ownsWeights(policy.object)) {
      await release(api, policy);
      return asFound(holding) ? 'restored' : 'left';
    }
    if (asFound(holding)) {
      await release(api, policy);
      return 'restored';
    }
    const aim = candidatesOf({ key: '', label, policy, members: unit?.members ?? [], bound: [] }, fleet);
    const next = pace.force ? null : nextWeights(legsOf(holding, maxStep), foundWeights(found, aim));
    if (next !== null) await writeList(api, policy, canonicalWeights(next));
    else if (found.present) await writeList(api, policy, found.value);
    else await removeList(api, policy);
    return null;
  }

  let holding: Holding | null = start;
  let refusals = 0;
  while (holding !== null) {
    try {
      if (holding.overrides.length > 0) {
        const unpinned = await unpin(holding);
        if (unpinned.kind !== 'at-rest') return unpinned.kind === 'gone' ? 'left' : 'timeout';
        holding = { ...unpinned.holding, ...(await fresh(unpinned.holding)), overrides: [] };
      }
      const owned = holding.found !== null && ownsWeights(holding.policy.object);
      const standing: Standing = owned ? await wait(holding, true) : { kind: 'at-rest', holding };
      if (standing.kind !== 'at-rest') return standing.kind === 'gone' ? 'left' : 'timeout';
      const outcome = await step(standing.holding);
      if (outcome !== null) return outcome;
    } catch (error) {
      if (isKubeError(error, 'field-conflict')) {
        // Somebody wrote the same list as Windvane: it is theirs now.
        holding = { ...holding, found: null };
      } else {
        // Another writer was faster; a JSON patch tells that as a test that failed.
        refusals += 1;
        if (!isKubeError(error, 'conflict', 'invalid') || refusals > REFUSALS) throw error;
      }
    }
    holding = await lookAgain(api, holding);
  }
  return 'left';
}
