import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { divideSeats } from '../../../src/engine/division/webster.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import type { KubeObject } from '../../../src/kube/resource.ts';
import type { StepRecord } from '../../../src/planes/karmada/annotations.ts';
import type { BindingView } from '../../../src/planes/karmada/binding.ts';
import type { MemberCluster } from '../../../src/planes/karmada/member.ts';
import type { StepEvidence } from '../../../src/planes/karmada/move/evidence.ts';
import { bridgeOf } from '../../../src/planes/karmada/move/make-step.ts';
import { type AppliedPins, applyPin, pinsOf } from '../../../src/planes/karmada/move/pins.ts';
import { type StepState, stepState } from '../../../src/planes/karmada/move/step-state.ts';
import { canonicalWeights, policyShape, policyView } from '../../../src/planes/karmada/policy.ts';
import { workloadKinds } from '../../../src/planes/karmada/resources.ts';
import type { Unit } from '../../../src/planes/karmada/unit.ts';
import { workloadView } from '../../../src/planes/karmada/workload.ts';
import { rememberedFrom } from '../../../src/status/schema.ts';

const DEPLOYMENT = workloadKinds.find(({ kind }) => kind === 'Deployment')!;
const STARTED = Date.parse('2026-03-01T00:00:00Z');
const TARGET = { a: 300, b: 700 };
type Counts = Readonly<Record<string, number>>;

const placementWith = (weights: Counts | null, more: object = {}) => ({
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    ...(weights === null ? {} : { weightPreference: { staticWeightList: canonicalWeights(weights) } }),
  },
  ...more,
});

function policyWith(weights: Counts | null, generation = 2, more: object = {}) {
  const object: KubeObject = {
    metadata: { name: 'p', namespace: 'n', uid: 'p', generation },
    spec: { placement: placementWith(weights, more) },
  };
  return policyView(object, 'PropagationPolicy');
}

const deploymentView = (name: string, generation = 1) =>
  workloadView({ metadata: { name, namespace: 'n', generation }, spec: { replicas: 10 } }, DEPLOYMENT);

const workload = deploymentView('web');
const second = deploymentView('api');

const STEP: StepRecord = {
  move: 'm',
  moveStartedAt: '2026-03-01T00:00:00Z',
  startedAt: '2026-03-01T00:00:00Z',
  number: 1,
  generation: 1,
  target: { a: 0.3, b: 0.7 },
  weights: TARGET,
  divisions: { 'n/web': { from: { a: 5, b: 5 }, to: { a: 3, b: 7 } } },
  surge: true,
  bridge: null,
  before: canonicalWeights({ a: 1, b: 1 }),
  absent: true,
  shape: policyShape(policyWith(null).object),
  templates: { 'n/web': 1 },
  available: { 'n/web': 10 },
  back: null,
};

const member = (name: string, ready = true): MemberCluster => ({
  name,
  labels: {},
  provider: '',
  region: '',
  zones: [],
  taints: [],
  ready,
  deleting: false,
  place: { location: null, zone: null, avoid: false, maxShare: 1, pue: 1, excluded: null },
  headroom: null,
  apis: new Set(),
});

interface Scene {
  readonly weights?: Counts | null;
  readonly generation?: number;
  readonly placement?: object;
  readonly binding?: Partial<BindingView>;
  readonly step?: Partial<StepRecord>;
  /** Pins stand on the API server. */
  readonly pinned?: boolean;
  /** A second workload, whose pin is gone already. */
  readonly letGo?: boolean;
  /** Karmada has rendered them. */
  readonly rendered?: boolean;
  readonly unready?: readonly string[];
  readonly stop?: StepEvidence['stop'];
  readonly minutes?: number;
  readonly workload?: typeof workload;
}

/** What is done next in a scene; by default the intent is stored and nothing else. */
async function nextIn(scene: Scene): Promise<StepState> {
  const weights = scene.weights ?? null;
  const policy = policyWith(weights, scene.generation ?? (weights === null ? 1 : 2), scene.placement);
  const of = <T>(each: T): Record<string, T> => ({
    'n/web': each,
    ...(scene.letGo ? { 'n/api': each } : {}),
  });
  const division = { from: { a: 5, b: 5 }, to: { a: 3, b: 7 } };
  const step = { ...STEP, divisions: of(division), templates: of(1), available: of(10), ...scene.step };
  const binding: BindingView = {
    object: { metadata: { name: 'web-deployment', namespace: 'n', generation: 1 } },
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web', uid: 'u' },
    replicas: 10,
    assigned: weights === null ? { a: 5, b: 5 } : { a: 3, b: 7 },
    evicting: [],
    placement: placementWith(weights, scene.placement),
    settled: true,
    unscheduled: null,
    available: { a: 5, b: 7 },
    running: { a: 5, b: 7 },
    rolledOut: { a: 1, b: 1 },
    unhealthy: [],
    ...scene.binding,
  };
  const unit: Unit = {
    key: 'PropagationPolicy n/p',
    label: 'PropagationPolicy n/p',
    policy,
    members: [scene.workload ?? workload, ...(scene.letGo === true ? [second] : [])].map((each) => ({
      workload: each,
      binding,
      namespace: null,
      traffic: null,
      autoscaler: null,
      scaler: null,
      override: null,
      remembered: rememberedFrom(undefined),
    })),
    bound: [{ label: workload.label, optedIn: true }],
  };
  const pins = new Map<string, KubeObject>();
  const api: Pick<KubeApi, 'apply'> = { apply: async (_, object) => object };
  if (scene.pinned === true) {
    for (const pin of pinsOf(step, unit).filter((each) => each.member.workload !== second))
      pins.set(pin.name, await applyPin(api, pin, policy, unit.key, step));
  }
  const applied = new Map<string, AppliedPins>();
  for (const { name, held } of scene.rendered === true ? pinsOf(step, unit) : []) {
    for (const [cluster, value] of Object.entries(held)) applied.set(cluster, new Map([[name, value]]));
  }
  return stepState({
    step,
    policy,
    unit,
    fleet: ['a', 'b'].map((name) => member(name, scene.unready?.includes(name) !== true)),
    pins,
    applied: () => applied,
    stop: scene.stop ?? null,
    now: STARTED + (scene.minutes ?? 1) * MINUTE,
  });
}

const doing = (state: StepState): string =>
  state.kind === 'write'
    ? `${state.write.kind}${state.write.kind === 'weigh' ? ` ${state.write.to}` : ''}${state.write.kind === 'turn' ? ` ${state.write.result}` : ''}`
    : state.kind;
const back = { result: 'rolled-back', message: 'it failed', at: '2026-03-01T00:01:00Z' } as const;

describe('stepState', () => {
  const pinned = { pinned: true, rendered: true } as const;
  it.each<[string, Scene, string]>([
    ['is unwritten while only the intent is stored', {}, 'unwritten'],
    [
      'is over when nothing but the intent was stored and it may not go on',
      { stop: { result: 'rolled-back', message: 'frozen' } },
      'over',
    ],
    ['is over when the workload was scaled since', { binding: { replicas: 3 } }, 'over'],
    ['pins what stands first', { generation: 2 }, 'pin'],
    ['waits until every pin is in a Work', { pinned: true }, 'waiting'],
    ['weighs once all are, and the gainers are available', pinned, 'weigh target'],
    [
      'waits for gainers under the old weights',
      { ...pinned, binding: { available: { a: 5, b: 6 } } },
      'waiting',
    ],
    [
      'turns back under the old weights when replicas do not come in time',
      { ...pinned, minutes: 16, binding: { available: { a: 5, b: 6 } } },
      'turn rolled-back',
    ],
    [
      'weighs in place as soon as the intent is stored',
      { generation: 2, step: { surge: false }, binding: { available: { a: 5, b: 5 } } },
      'weigh target',
    ],
    [
      'weighs at once where a cluster is entered without weights between: it has no Work to be pinned',
      {
        ...pinned,
        step: { divisions: { 'n/web': { from: { a: 10 }, to: { a: 3, b: 7 } } } },
        binding: { assigned: { a: 10 }, available: { a: 10 } },
      },
      'weigh target',
    ],
    [
      'waits for a binding that is still divided by the old placement',
      { ...pinned, weights: TARGET, binding: { settled: false } },
      'waiting',
    ],
    [
      'waits for gainers that are not available',
      { ...pinned, weights: TARGET, binding: { available: { a: 5, b: 6 } } },
      'waiting',
    ],
    [
      'waits while fewer would be left than it began with',
      { ...pinned, weights: TARGET, binding: { available: { a: 2, b: 7 } } },
      'waiting',
    ],
    ['takes the pins away once the gainers are available', { ...pinned, weights: TARGET }, 'unpin'],
    ['waits for losers to come down', { weights: TARGET }, 'waiting'],
    [
      'is done when they are down',
      { weights: TARGET, binding: { running: { a: 3, b: 7 }, available: { a: 3, b: 7 } } },
      'done',
    ],
    [
      'turns back when a gainer is not Ready any more',
      { ...pinned, weights: TARGET, unready: ['b'], binding: { available: { a: 5, b: 6 } } },
      'turn rolled-back',
    ],
    [
      'turns back when Karmada cannot schedule',
      { ...pinned, weights: TARGET, binding: { unscheduled: { reason: 'QuotaExceeded', message: '' } } },
      'turn rolled-back',
    ],
    [
      'turns back when replicas do not come in time',
      { ...pinned, weights: TARGET, minutes: 16, binding: { available: { a: 5, b: 6 } } },
      'turn rolled-back',
    ],
    [
      'waits for them until then',
      { ...pinned, weights: TARGET, minutes: 14, binding: { available: { a: 5, b: 6 } } },
      'waiting',
    ],
    [
      'ends when the workload is scaled',
      { ...pinned, weights: TARGET, binding: { replicas: 12 } },
      'turn ended',
    ],
    [
      'ends when the policy is changed',
      { ...pinned, weights: TARGET, placement: { clusterAffinity: { clusterNames: ['a', 'b'] } } },
      'turn ended',
    ],
    [
      'turns back when everything is frozen',
      { ...pinned, weights: TARGET, stop: { result: 'rolled-back', message: 'frozen' } },
      'turn rolled-back',
    ],
    [
      'lets go of the pins first when somebody wrote other weights',
      { ...pinned, weights: { a: 9, b: 1 } },
      'unpin',
    ],
    ['is over when somebody wrote other weights and no pin is left', { weights: { a: 9, b: 1 } }, 'over'],
    ['goes back by the weights first', { ...pinned, weights: TARGET, step: { back } }, 'weigh before'],
    [
      'waits on the way back until nothing would dip',
      { ...pinned, generation: 3, step: { back }, binding: { available: { a: 4, b: 5 } } },
      'waiting',
    ],
    ['takes the pins away on the way back', { ...pinned, generation: 3, step: { back } }, 'unpin'],
    [
      'lets go of them in any case at the deadline of the way back',
      { ...pinned, generation: 3, step: { back }, minutes: 17, binding: { available: { a: 4, b: 5 } } },
      'unpin',
    ],
    [
      'waits then as well for Karmada to divide by the old weights',
      { ...pinned, generation: 3, step: { back }, minutes: 17, binding: { settled: false } },
      'waiting',
    ],
    [
      'but not for ever',
      { ...pinned, generation: 3, step: { back }, minutes: 32, binding: { settled: false } },
      'unpin',
    ],
    ['is over when it is back', { generation: 3, step: { back } }, 'over'],
  ])('%s', async (_, scene, next) => {
    expect(doing(await nextIn(scene))).toBe(next);
  });

  it('does not go back once pins were let go of, though a kill left others standing', async () => {
    const late = { weights: TARGET, minutes: 20, binding: { available: { a: 3, b: 7 } } };
    expect(doing(await nextIn({ ...late, pinned: true, letGo: true }))).toBe('unpin');
    expect(doing(await nextIn({ ...late, pinned: true }))).toBe('turn rolled-back');
  });

  it('ends when the template is changed', async () => {
    const state = await nextIn({ ...pinned, weights: TARGET, workload: deploymentView('web', 2) });
    expect(doing(state)).toBe('turn ended');
  });

  it('leaves the clusters alone in which replicas did not come, and only those', async () => {
    const late = await nextIn({
      ...pinned,
      weights: TARGET,
      minutes: 16,
      binding: { available: { a: 5, b: 6 } },
    });
    expect(late).toMatchObject({ write: { shun: ['b'] } });
    const frozen = await nextIn({
      ...pinned,
      weights: TARGET,
      stop: { result: 'rolled-back', message: 'frozen' },
    });
    expect(frozen).toMatchObject({ write: { shun: [] } });
  });

  it('does not leave a cluster before its replacement is there', async () => {
    const leaving = {
      divisions: { 'n/web': { from: { a: 10 }, to: { b: 10 } } },
      weights: { b: 1000 },
      bridge: { a: 3, b: 2 },
      before: canonicalWeights({ a: 1 }),
      absent: false,
    };
    const before = { ...pinned, weights: { a: 1 }, step: leaving, binding: { assigned: { a: 10 } } };
    expect(doing(await nextIn(before))).toBe('weigh bridge');
    const bridge = { ...before, weights: { a: 3, b: 2 }, binding: { assigned: { a: 5, b: 5 } } };
    const short = { ...bridge, binding: { ...bridge.binding, available: { a: 10, b: 3 } } };
    expect(doing(await nextIn(short))).toBe('waiting');
    const there = { ...bridge, binding: { ...bridge.binding, available: { a: 10, b: 10 } } };
    expect(doing(await nextIn(there))).toBe('weigh target');
  });

  it('does not go back to where nothing runs, after a scale-down in the middle of a step', async () => {
    const entering = {
      divisions: { 'n/web': { from: { a: 2 }, to: { b: 2 } } },
      weights: { b: 1000 },
      bridge: { a: 1, b: 1 },
      before: canonicalWeights({ a: 1 }),
      absent: false,
      available: { 'n/web': 2 },
      back,
    };
    const binding = {
      replicas: 1,
      assigned: { b: 1 },
      available: { b: 1 },
      running: { b: 1 },
      rolledOut: { b: 1 },
    };
    const scaled = { ...pinned, weights: { a: 1, b: 1 }, step: entering, binding };
    expect(doing(await nextIn(scaled))).toBe('unpin');
    expect(await nextIn({ ...scaled, pinned: false })).toMatchObject({ kind: 'over', result: 'ended' });
    const going = { ...binding, available: { a: 1, b: 1 }, running: { a: 1, b: 1 } };
    expect(doing(await nextIn({ ...scaled, binding: going }))).toBe('unpin');
    const stayed = { ...binding, assigned: { a: 1 }, available: { a: 1 } };
    expect(doing(await nextIn({ ...scaled, binding: stayed }))).toBe('weigh before');
    const undivided = { ...stayed, assigned: { a: 1, b: 1 }, settled: false };
    expect(doing(await nextIn({ ...scaled, binding: undivided }))).toBe('waiting');
    expect(doing(await nextIn({ ...scaled, binding: undivided, minutes: 17 }))).toBe('weigh before');
    const nowhere = { ...binding, available: {} };
    expect(doing(await nextIn({ ...scaled, binding: nowhere }))).toBe('weigh before');
    expect(doing(await nextIn({ ...scaled, unready: ['b'] }))).toBe('weigh before');
  });

  it('does not stay with the weights between, which divide as nobody wants it', async () => {
    // An image is changed in mid-step: the newcomers serve, and some of the old pods do not come back.
    const between = {
      ...pinned,
      weights: { a: 3, b: 2 },
      step: {
        divisions: { 'n/web': { from: { a: 10 }, to: { a: 5, b: 5 } } },
        bridge: { a: 3, b: 2 },
        before: canonicalWeights({ a: 1 }),
        absent: false,
        back,
      },
      binding: { assigned: { a: 6, b: 4 }, available: { a: 8, b: 5 } },
    };
    expect(doing(await nextIn({ ...between, minutes: 10 }))).toBe('unpin');
    expect(doing(await nextIn({ ...between, minutes: 17 }))).toBe('weigh before');
  });

  it('does not go back to where the work would have to start anew, while what stands serves', async () => {
    // Scaled from 10 to 4 in mid-step: the weights of the step leave nothing to a, which lost its Work.
    const binding = { replicas: 4, assigned: { b: 4 }, available: { b: 7 }, running: { b: 7 } };
    const scaled = {
      ...pinned,
      weights: TARGET,
      step: { back: { ...back, result: 'ended' } },
      binding,
    } as const;
    expect(doing(await nextIn(scaled))).toBe('unpin');
    const over = await nextIn({ ...scaled, pinned: false });
    expect(over).toMatchObject({ kind: 'over', result: 'ended' });
    expect(over.kind === 'over' ? over.message : '').toContain('it would have to start anew in a');
    // What stands is not enough either: then the old places are as good as any.
    const short = { ...binding, available: { b: 2 } };
    expect(doing(await nextIn({ ...scaled, binding: short }))).toBe('weigh before');
    // Nor does what a cluster out of reach last said of itself.
    const silent = { ...binding, assigned: { b: 2, c: 2 }, available: { b: 3, c: 2 } };
    expect(doing(await nextIn({ ...scaled, binding: silent }))).toBe('weigh before');
  });
});

describe('weights between', () => {
  it('name everyone, those that hold replicas first', () => {
    expect(bridgeOf([{ from: { a: 10 }, to: { a: 7, b: 3 } }])).toEqual({ a: 3, b: 2 });
    expect(bridgeOf([{ from: { a: 10, c: 1 }, to: { b: 11 } }])).toEqual({ a: 3, b: 2, c: 3 });
  });

  it('give the first seats to those that hold some, and everyone one before anyone two', () => {
    const weights = [3, 3, 2, 2];
    expect(divideSeats(weights, 2, 'uid')).toEqual([1, 1, 0, 0]);
    expect(divideSeats(weights, 4, 'uid')).toEqual([1, 1, 1, 1]);
  });

  it('are not needed where no cluster is entered', () => {
    expect(bridgeOf([{ from: { a: 5, b: 5 }, to: { a: 10 } }])).toBeNull();
  });

  it('are done without where a workload has too few replicas for all, unless a cluster is left', () => {
    const small = { from: { a: 1 }, to: { a: 1 } };
    expect(bridgeOf([{ from: { a: 10 }, to: { a: 7, b: 3 } }, small])).toBeNull();
    expect(bridgeOf([{ from: { a: 10 }, to: { b: 10 } }, small])).toEqual({ a: 3, b: 2 });
  });
});
