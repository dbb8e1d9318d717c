import { HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/kube/resource.ts';
import { type StepRecord, stepRecord } from '../../../src/planes/karmada/annotations.ts';
import type { FleetIndex } from '../../../src/planes/karmada/fleet-index.ts';
import { type MemberCluster } from '../../../src/planes/karmada/member.ts';
import { assertWritable, foundBeforeWrite } from '../../../src/planes/karmada/move/weights.ts';
import { revertedBy } from '../../../src/planes/karmada/ownership.ts';
import {
  canonicalWeights,
  listsWeights,
  policyShape,
  policyView,
} from '../../../src/planes/karmada/policy.ts';
import { workloadKinds } from '../../../src/planes/karmada/resources.ts';
import { stepsOn } from '../../../src/planes/karmada/steps-under-way.ts';
import { concernedBy } from '../../../src/planes/karmada/triggers.ts';
import { claimOf, workloadView } from '../../../src/planes/karmada/workload.ts';
import { type FoundRecord, foundRecord } from '../../../src/planes/shared/annotations.ts';
import { createFleetGuard, type Divided, type FleetState } from '../../../src/planes/shared/fleet-limits.ts';

const DEPLOYMENT = workloadKinds.find(({ kind }) => kind === 'Deployment')!;
const WEIGHTS = { b: 700, a: 300 };
const owned = (manager: string, operation = 'Apply') => ({
  manager,
  operation,
  fieldsV1: {
    'f:spec': {
      'f:placement': { 'f:replicaScheduling': { 'f:weightPreference': { 'f:staticWeightList': {} } } },
    },
  },
});

function policyOf(
  settings: {
    weights?: object;
    generation?: number;
    owners?: ManagedFieldsEntry[];
    annotations?: Record<string, string>;
  } = {},
) {
  const object: KubeObject = {
    metadata: {
      name: 'p',
      namespace: 'n',
      generation: settings.generation ?? 2,
      managedFields: settings.owners ?? [owned('windvane')],
      annotations: settings.annotations ?? {},
    },
    spec: {
      placement: {
        replicaScheduling: {
          weightPreference: { staticWeightList: canonicalWeights({ ...(settings.weights ?? WEIGHTS) }) },
        },
      },
    },
  };
  return policyView(object, 'PropagationPolicy');
}

const step: StepRecord = {
  move: 'm',
  moveStartedAt: '2026-03-01T00:00:00Z',
  startedAt: '2026-03-01T00:00:00Z',
  number: 1,
  generation: 1,
  target: { a: 0.3, b: 0.7 },
  weights: WEIGHTS,
  divisions: { 'n/web': { from: { a: 5, b: 5 }, to: { a: 3, b: 7 } } },
  surge: true,
  bridge: null,
  before: [],
  absent: true,
  shape: policyShape(policyOf().object),
  templates: { 'n/web': 1 },
  available: { 'n/web': 10 },
  back: null,
};

describe('weights of a policy', () => {
  it('are written in one form only', () => {
    expect(JSON.stringify(canonicalWeights({ b: 2, a: 1 }))).toBe(
      '[{"targetCluster":{"clusterNames":["a"]},"weight":1},{"targetCluster":{"clusterNames":["b"]},"weight":2}]',
    );
    expect(listsWeights(policyOf(), { a: 300, b: 700 })).toBe(true);
    expect(listsWeights(policyOf(), { a: 300, b: 701 })).toBe(false);
    expect(listsWeights(policyOf(), { a: 300 })).toBe(false);
  });

  const cluster = (name: string, more: Partial<MemberCluster> = {}): MemberCluster => ({
    name,
    labels: {},
    provider: '',
    region: '',
    zones: [],
    taints: [],
    ready: true,
    deleting: false,
    place: { location: null, zone: null, avoid: false, maxShare: 1, pue: 1, excluded: null },
    headroom: null,
    apis: new Set(),
    ...more,
  });

  it.each([
    ['an empty list', {}, 'empty'],
    ['a name that is no candidate', { a: 1, typo: 1 }, 'no candidate'],
    ['a cluster that is not Ready', { a: 1, down: 1 }, 'not Ready'],
    ['a cluster that is going', { a: 1, going: 1 }, 'not Ready'],
    ['a weight of 0', { a: 0 }, 'weight 0'],
    ['a broken weight', { a: 1.5 }, 'weight 1.5'],
  ])('are never %s', (_, weights, words) => {
    const candidates = [
      cluster('a'),
      cluster('down', { ready: false }),
      cluster('going', { deleting: true }),
    ];
    expect(() => assertWritable(weights, candidates)).toThrow(words);
    expect(() => assertWritable({ a: 1 }, candidates)).not.toThrow();
  });
});

describe('ownership', () => {
  const found: FoundRecord = { present: true, value: [1], optIn: 'hash', forced: true };

  it.each([
    ['ours', policyOf(), found, null, null],
    ['never written', policyOf({ owners: [owned('kubectl', 'Update')] }), null, null, null],
    ['another opt-in by now', policyOf({ owners: [] }), { ...found, optIn: 'older' }, null, null],
    ['taken', policyOf({ owners: [owned('kubectl', 'Update')] }), found, null, 'kubectl'],
    ['removed', policyOf({ owners: [] }), found, null, 'somebody'],
    ['not yet written', policyOf({ owners: [], generation: 1 }), found, step, null],
    ['taken in mid-step', policyOf({ owners: [owned('argo')], generation: 3 }), found, step, 'argo'],
  ] as const)('%s', (_, policy, record, during, taker) => {
    expect(revertedBy(policy, record, during, 'hash')).toBe(taker);
  });

  it('keeps the first found value while the list is ours, and takes what stands there otherwise', () => {
    expect(foundBeforeWrite(policyOf(), found, 'hash', false)).toEqual(found);
    expect(foundBeforeWrite(policyOf(), found, 'newer', false)).toEqual({
      ...found,
      optIn: 'newer',
      forced: false,
    });
    const others = policyOf({ owners: [owned('kubectl', 'Update')] });
    expect(foundBeforeWrite(others, found, 'newer', true)).toMatchObject({ present: true, forced: true });
    expect(foundBeforeWrite(others, found, 'newer', true).value).toHaveLength(2);
  });

  it('reads its own annotations back, and takes damage for absence', () => {
    const annotations = {
      'windvane.dev/found': JSON.stringify(found),
      'windvane.dev/step': JSON.stringify(step),
    };
    const { object } = policyOf({ annotations });
    expect(foundRecord(object)).toEqual(found);
    expect(stepRecord(object)).toEqual(step);
    const damaged = policyOf({
      annotations: { 'windvane.dev/found': '{', 'windvane.dev/step': '{"number":0}' },
    });
    expect(foundRecord(damaged.object)).toBeNull();
    expect(stepRecord(damaged.object)).toBeNull();
  });
});

describe('claimOf', () => {
  const claimed = (annotations: object, labels: object) =>
    claimOf({ metadata: { name: 'w', annotations: { ...annotations }, labels: { ...labels } } });
  const pp = {
    'propagationpolicy.karmada.io/namespace': 'n',
    'propagationpolicy.karmada.io/name': 'p',
  };

  it('needs name and permanent id, and takes a PropagationPolicy first', () => {
    const id = { 'propagationpolicy.karmada.io/permanent-id': '1' };
    const wide = { 'clusterpropagationpolicy.karmada.io/name': 'c' };
    const wideId = { 'clusterpropagationpolicy.karmada.io/permanent-id': '2' };
    expect(claimed(pp, id)).toEqual({ kind: 'PropagationPolicy', key: 'n/p', permanentId: '1' });
    expect(claimed({ ...pp, ...wide }, { ...id, ...wideId })).toMatchObject({ key: 'n/p' });
    expect(claimed({ ...pp, ...wide }, wideId)).toEqual({
      kind: 'ClusterPropagationPolicy',
      key: 'c',
      permanentId: '2',
    });
    expect(claimed(pp, {})).toBeNull();
    expect(claimed({}, id)).toBeNull();
  });
});

describe('workloadView', () => {
  it('knows the kind of what a list returned without it, as API servers do for built-in kinds', () => {
    const { object } = workloadView({ metadata: { name: 'web', namespace: 'n' }, spec: {} }, DEPLOYMENT);
    expect(object).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
  });
});

describe('concernedBy', () => {
  const cluster: KubeObject = {
    metadata: { name: 'c' },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  const CLUSTER = {
    group: 'cluster.karmada.io',
    version: 'v1alpha1',
    plural: 'clusters',
    kind: 'Cluster',
    namespaced: false,
  };

  it('wakes the claiming policy, the workload and its status', () => {
    const web: KubeObject = { metadata: { name: 'web', namespace: 'n' } };
    expect(concernedBy(DEPLOYMENT, web, null)).toEqual([
      'Deployment n/web',
      'CarbonPlacement n/web-deployment',
    ]);
  });

  it('wakes everybody for kinds that may concern any', () => {
    expect(concernedBy(CLUSTER, cluster, null)).toBe('all');
  });
});

describe('createFleetGuard', () => {
  const index = (managedReplicas: number, policies: FleetIndex['policies'] = new Map()): FleetState => ({
    managedReplicas,
    steps: stepsOn(policies),
  });
  const moving = (replicas: number): Divided => ({
    divisions: [{ key: 'n/web', current: { a: 50 }, next: { a: 50 - replicas, b: replicas } }],
  });
  const limits = { replicasPerHour: 10, shareOfReplicasPerHour: 0.25, stepsPerReceivingCluster: 2 };

  it('allows a number or a share of replicas an hour, whichever is more', () => {
    const guard = createFleetGuard(limits);
    guard.reserve('u', moving(8), 0);
    guard.written('u');
    expect(guard.check('v', moving(3), index(20), 1)).toContain('the fleet allows 10 replicas an hour');
    expect(guard.check('v', moving(2), index(20), 1)).toBeNull();
    expect(guard.check('v', moving(12), index(80), 1)).toBeNull();
    expect(guard.check('v', moving(3), index(20), HOUR)).toBeNull();
  });

  it('lets one step through that is larger than the limit, or it would never be', () => {
    expect(createFleetGuard(limits).check('v', moving(30), index(20), 0)).toBeNull();
  });

  it('counts steps that are about to be written, once for each unit, until they are refused', () => {
    const guard = createFleetGuard(limits);
    guard.reserve('u', moving(6), 0);
    guard.reserve('u', moving(6), 1);
    expect(guard.check('v', moving(4), index(0), 1)).toBeNull();
    expect(guard.check('v', moving(5), index(0), 1)).not.toBeNull();
    expect(guard.check('u', moving(6), index(0), 1)).toBeNull();
    guard.release('u');
    expect(guard.check('v', moving(5), index(0), 1)).toBeNull();
  });

  it('lets nobody overtake who waits longer, while he keeps asking', () => {
    const guard = createFleetGuard(limits);
    guard.reserve('u', moving(8), 0);
    guard.written('u');
    expect(guard.check('large', moving(5), index(20), 1)).toContain('the fleet allows 10 replicas an hour');
    expect(guard.check('small', moving(2), index(20), 2)).toContain('units that waited longer');
    expect(guard.check('large', moving(5), index(20), HOUR)).toBeNull();
    guard.reserve('large', moving(5), HOUR);
    expect(guard.check('small', moving(2), index(20), HOUR)).toBeNull();
    // One that no longer asks holds up nobody.
    expect(guard.check('gone', moving(9), index(20), HOUR)).toContain('others move now');
    expect(guard.check('late', moving(2), index(20), HOUR + 1)).toContain('units that waited longer');
    expect(guard.check('late', moving(2), index(20), HOUR + 7 * 60_000)).toBeNull();
  });

  it('counts no step whose unit waits for the next one: whoever waits longer gets its place', () => {
    const guard = createFleetGuard({ ...limits, replicasPerHour: 1_000 });
    const done = { 'n/web': { from: { a: 50 }, to: { a: 49, b: 1 } } };
    const fleet: FleetState = {
      managedReplicas: 200,
      steps: new Map([
        ['u', done],
        ['v', done],
      ]),
    };
    expect(guard.check('new', moving(1), fleet, 0)).toContain('2 steps feed b already');
    // Their steps are done, and stand there until the next ones begin.
    expect(guard.check('u', moving(1), fleet, 1)).toContain('units that waited longer feed b first');
    expect(guard.check('v', moving(1), fleet, 1)).not.toBeNull();
    expect(guard.check('new', moving(1), fleet, 2)).toBeNull();
    guard.reserve('new', moving(1), 2);
    expect(guard.check('u', moving(1), fleet, 3)).toBeNull();
  });

  it('lets only so many steps feed one cluster', () => {
    const guard = createFleetGuard({ ...limits, replicasPerHour: 1000 });
    const policies = new Map(
      ['u', 'v'].map((key) => [
        key,
        policyOf({ annotations: { 'windvane.dev/step': JSON.stringify(step) } }),
      ]),
    );
    expect(guard.check('w', moving(1), index(0, policies), 0)).toContain('2 steps feed b');
    expect(guard.check('v', moving(1), index(0, policies), 0)).toBeNull();
  });
});
