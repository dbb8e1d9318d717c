import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADD_ON_PLACEMENT_SCORE, PLACEMENT } from '../../../src/ocm/resources.ts';
import { servers } from '../../runtime/support/servers.ts';
import { addOn, placement, steered } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('ownership, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterAll(() => world.stop());

  const ours = (namespace: string, name: string, metadata: object = {}) => {
    const { apiVersion, kind } = PLACEMENT;
    return {
      apiVersion,
      kind,
      metadata: { name, namespace, ...metadata },
      spec: { prioritizerPolicy: { ...steered(`${namespace}.${name}`) } },
    };
  };

  it('a list of prioritizers is taken as a whole: 409 against the list of a user', async () => {
    const namespace = await world.namespace();
    const configurations = [addOn('their', 'own', 1)];
    const theirs = placement(namespace, 'listed', { prioritizerPolicy: { configurations } });
    await world.api.apply(PLACEMENT, { ...theirs, spec: { ...theirs.spec } }, 'user');
    await expect(world.api.apply(PLACEMENT, ours(namespace, 'listed'), 'windvane')).rejects.toMatchObject({
      code: 409,
    });
  });

  it('none when the user omits it, and a later apply of the user keeps ours', async () => {
    const namespace = await world.namespace();
    const theirs = placement(namespace, 'omitted', { numberOfClusters: 1 });
    const manifest = { ...theirs, spec: { ...theirs.spec } };
    await world.api.apply(PLACEMENT, manifest, 'user');
    await world.api.apply(PLACEMENT, ours(namespace, 'omitted'), 'windvane');
    await world.api.apply(PLACEMENT, manifest, 'user');
    const { spec } = await world.placement(namespace, 'omitted');
    expect(spec.prioritizerPolicy).toEqual(steered(`${namespace}.omitted`));
  });

  it('a partial apply creates a Placement that is missing, unless it names a uid', async () => {
    const namespace = await world.namespace();
    await world.api.apply(PLACEMENT, ours(namespace, 'missing'), 'windvane');
    expect((await world.placement(namespace, 'missing')).spec.prioritizerPolicy.mode).toBe('Exact');
    const uid = '11111111-2222-3333-4444-555555555555';
    await expect(
      world.api.apply(PLACEMENT, ours(namespace, 'absent', { uid }), 'windvane'),
    ).rejects.toMatchObject({ code: 409 });
    expect(await world.api.find(PLACEMENT, namespace, 'absent')).toBeUndefined();
  });

  it('a resourceVersion does not prevent that', async () => {
    const namespace = await world.namespace();
    const applied = world.api.apply(
      PLACEMENT,
      ours(namespace, 'versioned', { resourceVersion: '1' }),
      'windvane',
    );
    await applied.catch(() => undefined);
    // Measured: the object comes into being all the same.
    expect(await world.api.find(PLACEMENT, namespace, 'versioned')).toBeDefined();
  });

  it('scores merge by name and are written through the status subresource alone', async () => {
    const { apiVersion, kind } = ADD_ON_PLACEMENT_SCORE;
    const metadata = { name: 'merged', namespace: 'c1' };
    const status = { scores: [{ name: 'a', value: 1 }] };
    const made = await world.api.create(ADD_ON_PLACEMENT_SCORE, { apiVersion, kind, metadata, status });
    expect(made.status).toBeUndefined();
    await world.api.applyStatus(ADD_ON_PLACEMENT_SCORE, { apiVersion, kind, metadata, status }, 'first');
    const second = { scores: [{ name: 'b', value: 2 }] };
    const both = await world.api.applyStatus(
      ADD_ON_PLACEMENT_SCORE,
      { apiVersion, kind, metadata, status: second },
      'second',
    );
    expect(both.status.scores).toEqual([
      { name: 'a', value: 1 },
      { name: 'b', value: 2 },
    ]);
  });
});
