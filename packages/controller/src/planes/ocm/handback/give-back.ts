import type { Instant, Millis } from '@windvane/carbon-map';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import { type KubeObject, keyOf } from '../../../kube/resource.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { candidatesOf } from '../candidates.ts';
import { createClasses } from '../classes.ts';
import { annotatePlacement } from '../move/placement-writes.ts';
import { type ProceedDeps, proceed } from '../move/proceed.ts';
import { HAND_BACK, type StepRecord, stepRecord } from '../move/step-record.ts';
import { stepState } from '../move/step-state.ts';
import { leavingScore } from '../move/surge-scores.ts';
import { placementSpec, readPrioritizerPolicy } from '../read/placement.ts';
import { ADD_ON_PLACEMENT_SCORE, PLACEMENT } from '../resources.ts';
import { expectedClusters } from '../scheduler/expect.ts';
import { createScoreBoard, type ScoreBoard } from '../scores/board.ts';
import { createScoreObjects } from '../scores/score-objects.ts';
import { isRestScore, isSteered, ownsPolicy, restScore, STEERING_SCORES, scoreName } from '../steering.ts';
import { type PlacementView, type Unit, worksAvailable } from '../unit.ts';
import { unitKey } from '../unit-index.ts';
import { holdingsOf, ownAnnotations, ownEntries, type PlacementHolding } from './holdings.ts';
import { type HubSnapshot, readHub } from './read-hub.ts';

/** How one Placement was handed back. */
export type HandBack =
  /** Its prioritizer policy is as found. */
  | 'restored'
  /** The policy is somebody else's, or was never written: nothing but marks and scores were taken away. */
  | 'left'
  /** Its work did not become available in time; what decides it stays where it is. */
  | 'timeout';

const POLL: Millis = 1_000;
const REFUSALS = 20;

/** One look at a Placement on its way back. */
interface Look {
  readonly hub: HubSnapshot;
  readonly holding: PlacementHolding;
  readonly board: ScoreBoard;
}

async function look(api: KubeApi, before: PlacementHolding): Promise<Look | null> {
  const hub = await readHub(api);
  if (hub === null) return null;
  const { uid } = before.placement.metadata;
  const placement = hub.objects(PLACEMENT).find(({ metadata }) => metadata.uid === uid);
  if (placement === undefined) return null;
  const again = holdingsOf(hub).find((each) => each.placement.metadata.uid === uid);
  const objects = createScoreObjects({
    api,
    name: STEERING_SCORES,
    get: (key) => hub.get(ADD_ON_PLACEMENT_SCORE, key),
    assume: (object) => hub.assume(ADD_ON_PLACEMENT_SCORE, object),
    forget: (object) => hub.forget(ADD_ON_PLACEMENT_SCORE, object),
  });
  return { hub, holding: again ?? { ...before, placement, scored: [] }, board: createScoreBoard(objects) };
}

/** The unit as far as a step needs it, also when nothing is opted in any more. */
function unitOf(hub: HubSnapshot, placement: KubeObject): Unit & { readonly placement: PlacementView } {
  const spec = placementSpec(placement) ?? {};
  const key = keyOf(placement);
  const view = { object: placement, spec, key, label: `Placement ${key}` };
  const whole = hub.view.index().whole(key);
  return { key: unitKey(key), label: view.label, members: [], ...whole, placement: view };
}

/** The next write of the step on the Placement, or its end. False when something has to be waited for. */
async function advance(
  api: KubeApi,
  { hub, holding, board }: Look,
  step: StepRecord,
  stop: boolean,
  now: Instant,
) {
  const { placement } = holding;
  const unit = unitOf(hub, placement);
  const context = { hub: hub.view.clusters(), now, classes: createClasses() };
  const { feasible } = candidatesOf(unit.placement, unit.decided, context);
  const name = scoreName(placement);
  const state = stepState({
    step,
    label: unit.label,
    count: unit.placement.spec.numberOfClusters ?? null,
    score: (cluster) => board.score(cluster, name),
    decided: new Set(unit.decided),
    feasible,
    available: (cluster) => worksAvailable(unit, cluster),
    unseen: unit.followers.length === 0 || unit.followers.some(({ replicaSet }) => replicaSet === null),
    stop: stop ? { result: 'rolled-back', message: 'it is handed back' } : null,
    now,
  });
  if (state.kind === 'waiting') return false;
  if (state.kind === 'write') {
    const assume: ProceedDeps['assume'] = (type, object) => hub.assume(type, object);
    await proceed({ api, board, assume }, { placement, step, optIn: '', now }, state.write);
  } else await annotatePlacement(api, placement, { step: null });
  return true;
}

/** The first exchange on the way to what OCM will decide for under the found policy; null when nothing would change. */
function nextExchange({ hub, holding, board }: Look, now: Instant): StepRecord | null {
  const { placement, found } = holding;
  if (found === null || !isSteered(placement)) return null;
  const unit = unitOf(hub, placement);
  const { spec } = unit.placement;
  const count = spec.numberOfClusters ?? 0;
  const context = { hub: hub.view.clusters(), now, classes: createClasses() };
  const { selected, feasible } = candidatesOf(unit.placement, unit.decided, context);
  const usage = new Map(hub.view.index().usage);
  for (const name of unit.decided) {
    const others = (usage.get(name) ?? 1) - 1;
    if (others > 0) usage.set(name, others);
    else usage.delete(name);
  }
  const expected = expectedClusters({
    spec: { ...spec, prioritizerPolicy: found.present ? readPrioritizerPolicy(found.value) : null },
    selected,
    decided: new Set(unit.decided),
    usage,
    scores: hub.view.addOnScores(now),
    now,
  });
  const enter = expected?.find((name) => !unit.decided.includes(name));
  const leave = unit.decided.find((name) => expected?.includes(name) === false);
  if (enter === undefined || leave === undefined || unit.decided.length !== count) return null;
  const score = board.score(enter, scoreName(placement));
  const rest = isRestScore(score) ? score : restScore(feasible.size, feasible.size + 1);
  const at = new Date(now).toISOString();
  return {
    move: HAND_BACK,
    moveStartedAt: at,
    startedAt: at,
    number: 1,
    target: {},
    from: unit.decided,
    enter: { [enter]: rest },
    leave: { [leave]: leavingScore(rest) },
    surge: true,
    count,
    phase: 'found',
    lowered: null,
    actedAt: null,
    back: null,
  };
}

/** The found value and no marks in one write, then no entry among the owners. */
async function letGo(api: KubeApi, { placement, found }: PlacementHolding): Promise<HandBack> {
  const { name, namespace, uid, resourceVersion } = placement.metadata;
  const owned = ownsPolicy(placement) && found !== null;
  const standing = placementSpec(placement)?.prioritizerPolicy;
  const value = owned && found.present ? found.value : null;
  const write = { op: standing === undefined || standing === null ? ('add' as const) : ('replace' as const) };
  const path = '/spec/prioritizerPolicy';
  const gone = await api.jsonPatch(PLACEMENT, { name, namespace }, [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(owned ? [value === null ? { op: 'remove' as const, path } : { ...write, path, value }] : []),
    ...ownAnnotations(placement).map((key) => ({
      op: 'remove' as const,
      path: `/metadata/annotations/${key.replace('/', '~1')}`,
    })),
  ]);
  const entries = ownEntries(gone);
  if (entries.length > 0) {
    await api.jsonPatch(PLACEMENT, { name, namespace }, [
      { op: 'test', path: '/metadata/resourceVersion', value: gone.metadata.resourceVersion },
      ...entries
        .toReversed()
        .map((index) => ({ op: 'remove' as const, path: `/metadata/managedFields/${index}` })),
    ]);
  }
  return owned ? 'restored' : 'left';
}

/**
 * Hands one Placement back: a step under way is taken back, clusters that OCM will not keep under the found policy are
 * exchanged with their work available, the found policy is written, and the scores go. Throws {@link KubeError}.
 */
export async function handBack(api: KubeApi, start: PlacementHolding, pace: HandBackPace): Promise<HandBack> {
  const deadline = pace.now() + pace.timeout;
  let refusals = 0;
  for (;;) {
    const seen = await look(api, start);
    if (seen === null) return 'left';
    const { placement } = seen.holding;
    try {
      const outcome = await handOn(api, seen, pace);
      if (outcome === 'waits') {
        if (pace.now() >= deadline) return 'timeout';
        await pace.pause(POLL);
      } else if (outcome !== 'again') {
        await removeScores(seen, scoreName(placement));
        return outcome;
      }
    } catch (error) {
      // Another writer was faster; a JSON patch tells that as a test that failed.
      refusals += 1;
      if (!isKubeError(error, 'conflict', 'invalid') || refusals > REFUSALS) throw error;
    }
  }
}

async function handOn(api: KubeApi, seen: Look, pace: HandBackPace): Promise<HandBack | 'waits' | 'again'> {
  const { placement } = seen.holding;
  const step = stepRecord(placement);
  if (step !== null) {
    const own = step.move === HAND_BACK && !pace.force;
    const moved = await advance(api, seen, step, !own, pace.now());
    if (moved) return 'again';
    // What decides is as it was; only OCM has not followed yet.
    if (!pace.force) return 'waits';
    await annotatePlacement(api, placement, { step: null });
    return 'again';
  }
  const exchange = pace.force ? null : nextExchange(seen, pace.now());
  if (exchange !== null) {
    await annotatePlacement(api, placement, { step: exchange });
    return 'again';
  }
  return letGo(api, seen.holding);
}

async function removeScores({ board, holding }: Look, name: string): Promise<void> {
  await Promise.all(holding.scored.map((cluster) => board.set(name, { cluster, value: null })));
}
