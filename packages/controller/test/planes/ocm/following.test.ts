import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT } from '../../../src/kube/events.ts';
import {
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
} from '../../../src/planes/ocm/resources.ts';
import { DEPLOYMENT, FOLLOW, placement, replicaSet, SERVICE } from './support/objects.ts';
import { type OcmWorld, standing, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const SWEDISH = { DE: 300, FR: 60, 'SE-SE3': 30, 'US-MIDA-PJM': 400 };

describe('a Placement that follows the wind', () => {
  let world: OcmWorld;
  beforeAll(async () => {
    world = await startOcmWorld();
  });
  afterAll(() => world.stop());

  it('is steered as OCM had decided, and moved by three score writes without touching another', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train();
    await world.create(placement(namespace, 'other', { numberOfClusters: 1 }, {}));
    await world.settle();
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
    expect(await world.scores(namespace, 'train')).toEqual({
      frankfurt: 100,
      paris: 80,
      stockholm: 79,
      virginia: 78,
    });
    const other = await world.decided(namespace, 'other');
    world.recording.clear();
    await world.wind(SWEDISH);
    expect(world.view(namespace, 'train')).toMatchObject({
      state: 'Steady',
      reason: null,
      moves: [{ result: 'completed', from: { frankfurt: 1 }, to: { stockholm: 1 } }],
    });
    expect(await world.decided(namespace, 'train')).toBe('stockholm');
    expect(await world.scores(namespace, 'train')).toEqual({
      frankfurt: 79,
      paris: 80,
      stockholm: 100,
      virginia: 78,
    });
    expect(world.scoreWrites()).toHaveLength(3);
    expect(await world.decided(namespace, 'other')).toBe(other);
    const { spec, metadata } = await world.placement(namespace, 'train');
    expect(spec.numberOfClusters).toBe(1);
    expect(metadata.annotations?.['windvane.dev/step']).toBeUndefined();
    expect(metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual(
      expect.arrayContaining(['windvane Apply', 'somebody Update']),
    );
    // The work was there before the old one went.
    const history = world.ocm.clusters.history(namespace, 'train');
    const first = history.findIndex(({ ready }) => ready.length > 0);
    expect(history.slice(first).every(({ ready }) => ready.length > 0)).toBe(true);
  });

  it('moves in place, with two score writes, when no surge is wanted', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/surge-clusters': '0' },
    });
    world.recording.clear();
    await world.wind(SWEDISH);
    expect(await world.decided(namespace, 'train')).toBe('stockholm');
    const own = world.scoreWrites().filter(({ body }) => JSON.stringify(body).includes(`${namespace}.train`));
    expect(own.length).toBeGreaterThan(0);
    const patches = world.recording.stored().filter(({ verb }) => verb === 'jsonPatch');
    expect(JSON.stringify(patches)).not.toContain(`"name":"${namespace}"`);
    expect((await world.placement(namespace, 'train'))['spec'].numberOfClusters).toBe(1);
  });

  it('exchanges one cluster of several at a time', async () => {
    await world.wind({ DE: 20, FR: 25, 'SE-SE3': 500, 'US-MIDA-PJM': 600 });
    const namespace = await world.train({ clusters: 2 });
    expect(await world.decided(namespace, 'train')).toBe('frankfurt paris');
    await world.wind({ DE: 600, FR: 500, 'SE-SE3': 20, 'US-MIDA-PJM': 25 });
    await world.advance(5 * MINUTE);
    expect(await world.decided(namespace, 'train')).toBe('stockholm virginia');
    const history = world.ocm.clusters.history(namespace, 'train');
    expect(Math.max(...history.map(({ applied }) => applied.length))).toBe(3);
  });

  it('leaves a cluster outside its locations, and never chooses one', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/locations': 'FR, SE' },
    });
    expect(await world.decided(namespace, 'train')).toBe('paris');
    expect(await world.scores(namespace, 'train')).toMatchObject({ frankfurt: -100, virginia: -100 });
    await world.wind({ ...SWEDISH, DE: 1 });
    expect(await world.decided(namespace, 'train')).toBe('stockholm');
  });

  it('tells what it would do while it only observes', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/placement': 'observe' },
    });
    const chosen = await world.decided(namespace, 'train');
    world.recording.clear();
    await world.wind({ DE: 600, FR: 20, 'SE-SE3': 600, 'US-MIDA-PJM': 600 });
    const view = world.view(namespace, 'train');
    expect(chosen).not.toBe('paris');
    expect(view).toMatchObject({ state: 'Observing', mode: 'observe' });
    expect(view?.decision?.text).toMatch(new RegExp(`${chosen}.* becomes .*paris`));
    expect(view?.decision?.gain).toBeGreaterThan(0.5);
    const ready = view?.conditions.find(({ type }) => type === 'Ready')?.message;
    expect(ready).toMatch(
      new RegExp(
        `^OCM chooses ${chosen} now; under Windvane it would choose paris, for \\d+\\.\\d % less\\.$`,
      ),
    );
    expect(await world.decided(namespace, 'train')).toBe(chosen);
    const written = world.recording.stored().filter(({ body }) => JSON.stringify(body).includes(namespace));
    expect(written.filter(({ kind }) => kind === 'Placement')).toEqual([]);
    // And so it comes, once it may.
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { metadata: { annotations: { 'windvane.dev/placement': 'follow-the-wind' } } },
    );
    await world.settle();
    expect(await world.decided(namespace, 'train')).toBe('paris');
  });

  it('goes back to the clusters as found when data are stale, if that is wanted', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/on-stale-data': 'restore' },
    });
    const found: string[] = JSON.parse(
      (await world.placement(namespace, 'train')).metadata.annotations?.['windvane.dev/found'] ?? '{}',
    ).clusters;
    const away = found.includes('paris') ? { ...SWEDISH, 'SE-SE3': 5 } : { ...SWEDISH, FR: 5 };
    await world.wind(away);
    expect(await world.decided(namespace, 'train')).not.toBe(found.join(' '));
    await world.wind(away, 'stale');
    expect(await world.decided(namespace, 'train')).toBe(found.join(' '));
    expect(world.view(namespace, 'train')?.decision?.text).toContain('on-stale-data: restore');
  });

  it('rests for its cooldown', async () => {
    await world.wind(GERMAN);
    const namespace = await world.train({ annotations: { ...FOLLOW, 'windvane.dev/cooldown': '1h' } });
    await world.advance(2 * HOUR, 20 * MINUTE);
    await world.wind(SWEDISH);
    expect(await world.decided(namespace, 'train')).toBe('stockholm');
    await world.wind(GERMAN);
    expect(await world.decided(namespace, 'train')).toBe('stockholm');
    await world.advance(HOUR + 2 * MINUTE, 10 * MINUTE);
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
  });

  it('is told that its opt-in is misspelt', async () => {
    const namespace = await world.train({ annotations: { 'windvane.dev/placemnt': 'follow-the-wind' } });
    await world.settle();
    const { items } = await world.user.list(EVENT, { namespace });
    expect(items).toMatchObject([
      {
        involvedObject: { kind: 'Placement', name: 'train' },
        reason: 'UnknownKey',
        message: expect.stringContaining('did you mean windvane.dev/placement?'),
      },
    ]);
    expect(world.view(namespace, 'train')).toBeUndefined();
  });
});

describe('a Placement that does not', () => {
  let world: OcmWorld;
  beforeAll(async () => {
    world = await startOcmWorld();
    await world.wind(GERMAN);
  });
  afterAll(() => world.stop());

  const reasonOf = async (namespace: string, name = 'train') => {
    await world.settle();
    return world.view(namespace, name)?.reason;
  };
  const messageOf = (namespace: string, name = 'train') =>
    world.view(namespace, name)?.conditions[0]?.message;

  it('asks for every cluster', async () => {
    const namespace = await world.namespace();
    await world.create(placement(namespace, 'train', {}), replicaSet(namespace, 'train'));
    expect(await reasonOf(namespace)).toBe('NoClusterCount');
  });

  it('asks for more clusters than may be chosen', async () => {
    const namespace = await world.train({
      clusters: 3,
      annotations: { ...FOLLOW, 'windvane.dev/locations': 'FR, SE' },
    });
    expect(await reasonOf(namespace)).toBe('TooFewClusters');
    expect(await world.scores(namespace, 'train')).toEqual({});
    expect(messageOf(namespace)).toMatch(
      /asks for 3 clusters and 2 may be chosen .*; widen windvane\.dev\/locations, or lower numberOfClusters$/,
    );
  });

  it('asks for a cluster outside its locations alone', async () => {
    const namespace = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/locations': 'us-west-2' },
    });
    expect(await reasonOf(namespace)).toBe('TooFewClusters');
    expect(messageOf(namespace)).toMatch(
      /^windvane\.dev\/locations: "us-west-2" holds none of .*: widen it$/,
    );
  });

  it('has no set bound to its namespace', async () => {
    const namespace = await world.namespace();
    await world.user.delete(MANAGED_CLUSTER_SET_BINDING, { namespace, name: 'all' });
    await world.create(
      placement(namespace, 'train', { numberOfClusters: 1 }),
      replicaSet(namespace, 'train'),
    );
    expect(await reasonOf(namespace)).toBe('TooFewClusters');
    expect(messageOf(namespace)).toBe(
      `no ManagedClusterSet is bound to namespace ${namespace}, so Placement ${namespace}/train has no cluster to choose: make a ManagedClusterSetBinding there`,
    );
  });

  it('serves people, unless somebody says that they do not mind', async () => {
    const namespace = await world.namespace();
    const { 'windvane.dev/latency-class': _, ...unsaid } = FOLLOW;
    await world.create(
      placement(namespace, 'train', { numberOfClusters: 1 }, unsaid),
      replicaSet(namespace, 'train', ['train'], {}, [DEPLOYMENT, SERVICE]),
    );
    expect(await reasonOf(namespace)).toBe('ServesTraffic');
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { metadata: { annotations: { 'windvane.dev/latency-class': 'flexible' } } },
    );
    expect(await reasonOf(namespace)).toBeNull();
  });

  it('is followed by something that cannot be looked into', async () => {
    const namespace = await world.namespace();
    const { 'windvane.dev/latency-class': _, ...unsaid } = FOLLOW;
    await world.create(placement(namespace, 'train', { numberOfClusters: 1 }, unsaid));
    expect(await reasonOf(namespace)).toBe('ServesTraffic');
  });

  it('is shared with somebody who did not ask', async () => {
    const namespace = await world.namespace();
    await world.create(
      placement(namespace, 'train', { numberOfClusters: 1 }, {}),
      replicaSet(namespace, 'train', ['train'], FOLLOW),
      replicaSet(namespace, 'other', ['train']),
    );
    expect(await reasonOf(namespace)).toBe('SharedPolicy');
    await world.user.mergePatch(
      MANIFEST_WORK_REPLICA_SET,
      { namespace, name: 'other' },
      { metadata: { annotations: { 'windvane.dev/placement': 'follow-the-wind' } } },
    );
    expect(await reasonOf(namespace)).toBeNull();
  });

  it('is written with keys that mean nothing here', async () => {
    const namespace = await world.train({ annotations: { ...FOLLOW, 'windvane.dev/max-share': '50' } });
    expect(await reasonOf(namespace)).toBe('NoEffect');
    expect(await world.scores(namespace, 'train')).toEqual({});
  });

  it('does not exist', async () => {
    const namespace = await world.namespace();
    await world.create(replicaSet(namespace, 'train', ['nothing'], FOLLOW));
    expect(await reasonOf(namespace)).toBe('NoPolicy');
  });

  it('holds data', async () => {
    const namespace = await world.namespace();
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: {} };
    await world.create(
      placement(namespace, 'train'),
      replicaSet(namespace, 'train', ['train'], {}, [DEPLOYMENT, claim]),
    );
    expect(await reasonOf(namespace)).toBe('Stateful');
  });
});

describe('clusters', () => {
  it('stand where annotation, label, configuration or claim say, in this order', async () => {
    const world = await startOcmWorld({
      clusters: [
        standing('annotated', 'DE', { labels: { 'windvane.dev/location': 'FR' }, claims: { region: 'PL' } }),
        {
          name: 'labelled',
          labels: { fleet: 'all', 'windvane.dev/location': 'FR' },
          claims: { region: 'PL' },
        },
        { name: 'configured', labels: { fleet: 'all' }, claims: { region: 'PL' } },
        { name: 'claimed', labels: { fleet: 'all' }, claims: { region: 'PL' } },
        { name: 'nowhere', labels: { fleet: 'all' } },
      ],
      config: { clusterLocations: { configured: 'SE-SE3' }, locationClaim: 'region' },
    });
    const zones = Object.fromEntries(world.plane.clusters().map(({ name, zone }) => [name, zone]));
    expect(zones).toEqual({
      annotated: 'DE',
      labelled: 'FR',
      configured: 'SE-SE3',
      claimed: 'PL',
      nowhere: null,
    });
    expect(world.plane.clusters().find(({ name }) => name === 'nowhere')?.excluded).toContain('annotate it');
    await world.stop();
  });
});
