import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeApi } from '../../../src/kube/api.ts';
import { connectKube } from '../../../src/kube/connect.ts';
import { restorePlacements } from '../../../src/planes/ocm/handback/restore.ts';
import { PLACEMENT } from '../../../src/planes/ocm/resources.ts';
import type { RecordedWrite } from '../karmada/support/recording.ts';
import { paceIn, tracesOf } from './support/hand-back.ts';
import { DEFAULTS, FOLLOW, placement, replicaSet } from './support/objects.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const FRENCH = { DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 };
const MINE = {
  mode: 'Exact',
  configurations: [{ scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: 3 }],
};
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const TRAIN = 'train';

/** Who brings the manifest, and how. */
interface Bearer {
  create(namespace: string): Promise<unknown>;
  /** The same manifest once more, with another label. */
  again(namespace: string): Promise<unknown>;
}

type Policy = { readonly prioritizerPolicy?: unknown };

describe('a Placement, whoever brings its manifest', () => {
  let world: OcmWorld;
  let heard: (write: RecordedWrite) => Promise<void> = async () => {};
  beforeAll(async () => {
    world = await startOcmWorld({ heard: (write) => heard(write) });
  });
  afterAll(() => world.stop());

  const as = (manager: string): KubeApi => connectKube({ kubeconfig: world.kubeconfig, manager });
  const manifest = (namespace: string, policy: Policy, annotations = FOLLOW) =>
    placement(namespace, TRAIN, { numberOfClusters: 1, ...policy }, annotations);

  /** `kubectl apply`: a create, then merge patches to what the manifest says. */
  function clientSide(policy: Policy, annotations = FOLLOW): Bearer {
    const kubectl = as('kubectl-client-side-apply');
    const noted = (namespace: string) => {
      const object = manifest(namespace, policy, annotations);
      const note = { [LAST_APPLIED]: JSON.stringify(object) };
      return {
        ...object,
        metadata: { ...object.metadata, annotations: { ...annotations, ...note } },
      };
    };
    return {
      create: (namespace) => kubectl.create(PLACEMENT, noted(namespace)),
      again(namespace) {
        const { spec } = noted(namespace);
        const change = { metadata: { labels: { again: 'yes' } }, spec };
        return kubectl.mergePatch(PLACEMENT, { namespace, name: TRAIN }, change);
      },
    };
  }

  function serverSide(manager: string, force: boolean, policy: Policy, annotations = FOLLOW): Bearer {
    const api = as(manager);
    return {
      create: (namespace) => api.apply(PLACEMENT, manifest(namespace, policy, annotations), { force }),
      again(namespace) {
        const object = manifest(namespace, policy, annotations);
        const labelled = { ...object, metadata: { ...object.metadata, labels: { again: 'yes' } } };
        return api.apply(PLACEMENT, labelled, { force });
      },
    };
  }

  const isOurs = async (namespace: string): Promise<boolean> =>
    JSON.stringify((await world.placement(namespace, TRAIN))['spec'].prioritizerPolicy ?? null).includes(
      'windvane-placements',
    );
  const forcedIn = (namespace: string): number =>
    world.recording
      .stored()
      .filter(
        ({ kind, force, body }) =>
          kind === 'Placement' && force && JSON.stringify(body).includes(`"${namespace}"`),
      ).length;

  async function begin(bearer: Bearer): Promise<string> {
    await world.wind(GERMAN);
    const namespace = await world.namespace();
    await bearer.create(namespace);
    await world.create(replicaSet(namespace, TRAIN));
    await world.settle();
    return namespace;
  }

  /** Hands it back and looks at what is left of Windvane. */
  async function handedBack(namespace: string): Promise<unknown> {
    await restorePlacements(world.hands, { kind: 'all', namespace }, paceIn(world));
    await world.settle();
    const traces = await tracesOf(world, namespace);
    expect(traces.filter((each) => !each.endsWith('score objects'))).toEqual([]);
    const { spec } = await world.placement(namespace, TRAIN);
    expect(spec).toMatchObject({ ...DEFAULTS, numberOfClusters: 1 });
    return spec.prioritizerPolicy;
  }

  it.each([
    ['kubectl apply', () => clientSide({}), true],
    ['server-side apply', () => serverSide('somebody', false, {}), true],
    ['Argo CD, which forces', () => serverSide('argocd-controller', true, {}), true],
  ])(
    'without prioritizerPolicy, by %s: steered without force, also after it is applied again',
    async (_, by) => {
      const bearer = by();
      const namespace = await begin(bearer);
      expect(await isOurs(namespace)).toBe(true);
      await bearer.again(namespace);
      await world.settle();
      expect(await isOurs(namespace)).toBe(true);
      expect(world.view(namespace, TRAIN)?.reason).toBeNull();
      expect(forcedIn(namespace)).toBe(0);
      expect(await handedBack(namespace)).toBeUndefined();
    },
  );

  it('with one, by kubectl apply: taken once by force, observed when it is applied again', async () => {
    const bearer = clientSide({ prioritizerPolicy: MINE });
    const namespace = await begin(bearer);
    expect(await isOurs(namespace)).toBe(true);
    await bearer.again(namespace);
    await world.settle();
    await world.wind(FRENCH);
    expect(world.view(namespace, TRAIN)).toMatchObject({ mode: 'observe', reason: 'RevertedByOther' });
    expect(forcedIn(namespace)).toBe(1);
    expect(await handedBack(namespace)).toEqual(MINE);
  });

  it('with one, by server-side apply: taken once by force, then the next apply meets a conflict', async () => {
    const bearer = serverSide('somebody', false, { prioritizerPolicy: MINE });
    const namespace = await begin(bearer);
    expect(await isOurs(namespace)).toBe(true);
    await expect(bearer.again(namespace)).rejects.toThrow('windvane');
    expect(forcedIn(namespace)).toBe(1);
    expect(await handedBack(namespace)).toEqual(MINE);
  });

  it('with one, by Argo CD: taken once by force, observed after its next sync', async () => {
    const bearer = serverSide('argocd-controller', true, { prioritizerPolicy: MINE });
    const namespace = await begin(bearer);
    expect(await isOurs(namespace)).toBe(true);
    await bearer.again(namespace);
    await world.settle();
    await world.wind(FRENCH);
    expect(world.view(namespace, TRAIN)).toMatchObject({ mode: 'observe', reason: 'RevertedByOther' });
    expect(forcedIn(namespace)).toBe(1);
    expect(await handedBack(namespace)).toEqual(MINE);
  });

  it('with one and adopt: never: left alone', async () => {
    const bearer = serverSide(
      'somebody',
      false,
      { prioritizerPolicy: MINE },
      {
        ...FOLLOW,
        'windvane.dev/adopt': 'never',
      },
    );
    const namespace = await begin(bearer);
    expect(world.view(namespace, TRAIN)?.reason).toBe('FieldConflict');
    expect(forcedIn(namespace)).toBe(0);
    expect(await handedBack(namespace)).toEqual(MINE);
  });

  it('with one, by a manager that reverts within a second: one forced take in all, then observed', async () => {
    const bearer = serverSide('eager', true, { prioritizerPolicy: MINE });
    let reverts = 0;
    heard = async ({ kind, verb, dryRun, subresource }) => {
      if (kind !== 'Placement' || verb !== 'apply' || dryRun || subresource !== null) return;
      reverts += 1;
      // Its watch tells it of the write that is made now.
      setImmediate(() => void revert());
    };
    const namespaces: string[] = [];
    const revert = async (): Promise<void> => {
      for (const namespace of namespaces) await bearer.create(namespace);
    };
    try {
      await world.wind(GERMAN);
      const namespace = await world.namespace();
      namespaces.push(namespace);
      await bearer.create(namespace);
      await world.create(replicaSet(namespace, TRAIN));
      await world.settle();
      await revert();
      await world.settle();
      await world.advance(10 * MINUTE, 2 * MINUTE);
      await world.wind(FRENCH);
      expect(reverts).toBe(1);
      expect(forcedIn(namespace)).toBe(1);
      expect(world.view(namespace, TRAIN)).toMatchObject({ mode: 'observe', reason: 'RevertedByOther' });
      expect(await handedBack(namespace)).toEqual(MINE);
    } finally {
      heard = async () => {};
    }
  });

  it('changed by a person at rest: observed', async () => {
    const namespace = await begin(clientSide({}));
    const patch = { spec: { prioritizerPolicy: MINE } };
    await as('kubectl-edit').mergePatch(PLACEMENT, { namespace, name: TRAIN }, patch);
    await world.settle();
    expect(world.view(namespace, TRAIN)).toMatchObject({ mode: 'observe', reason: 'RevertedByOther' });
    expect(forcedIn(namespace)).toBe(0);
    expect(await handedBack(namespace)).toEqual(MINE);
  });

  it.each([
    ['a person changes its policy', { prioritizerPolicy: MINE }, MINE],
    ['a person puts its number back', { numberOfClusters: 1 }, undefined],
  ])('in the middle of a surge, when %s: the surge ends, the work stays', async (_, spec, left) => {
    const namespace = await begin(clientSide({}));
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    expect((await world.placement(namespace, TRAIN))['spec'].numberOfClusters).toBe(2);
    await as('kubectl-edit').mergePatch(PLACEMENT, { namespace, name: TRAIN }, { spec });
    await world.wind(GERMAN);
    await world.advance(30 * MINUTE, 5 * MINUTE);
    world.ocm.setWorkPlan(() => ({}));
    expect((await world.placement(namespace, TRAIN))['spec'].numberOfClusters).toBe(1);
    expect(await world.decided(namespace, TRAIN)).toBe('frankfurt');
    expect(await handedBack(namespace)).toEqual(left);
  });

  it('applied again in the middle of a surge: meets no conflict over its number', async () => {
    const bearer = serverSide('somebody', false, {});
    const namespace = await begin(bearer);
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    expect((await world.placement(namespace, TRAIN))['spec'].numberOfClusters).toBe(2);
    await bearer.again(namespace);
    await world.wind(GERMAN);
    await world.advance(30 * MINUTE, 5 * MINUTE);
    world.ocm.setWorkPlan(() => ({}));
    expect(await world.decided(namespace, TRAIN)).toBe('frankfurt');
    expect(await isOurs(namespace)).toBe(true);
    expect(await handedBack(namespace)).toBeUndefined();
  });
});
