import { describe, expect, it } from 'vitest';
import type { EventNote } from '../../../src/kube/events.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { createMisspelt } from '../../../src/planes/shared/misspelt.ts';
import { SERVICE } from '../../../src/planes/shared/resources.ts';

const policy = (annotations: Readonly<Record<string, string>>, namespace = 'shop'): KubeObject => ({
  metadata: { namespace, name: 'web', annotations },
});

function tellingOf(object: KubeObject) {
  const told: EventNote[] = [];
  const state = { mayTell: true };
  const here = (type: ResourceType): boolean => type === PROPAGATION_POLICY;
  const misspelt = createMisspelt({
    world: {
      objects: (type) => (here(type) ? [object] : []),
      get: (type) => (here(type) ? object : undefined),
    },
    types: [PROPAGATION_POLICY],
    serves: (namespace) => namespace === 'shop',
    events: {
      async record(_type, _object, note) {
        told.push(note);
      },
    },
    mayTell: () => state.mayTell,
  });
  return { misspelt, told, state };
}

describe('a misspelt opt-in', () => {
  const KEY = 'Misspelt PropagationPolicy shop/web';
  const wrong = policy({ 'windvane.dev/placment': 'follow-the-wind' });

  it('is told with the right spelling', async () => {
    const { misspelt, told } = tellingOf(wrong);
    expect([...misspelt.all()]).toEqual([KEY]);
    await misspelt.reconcile(KEY);
    expect(told).toEqual([
      {
        type: 'Warning',
        reason: 'UnknownKey',
        message:
          'windvane.dev/placment is not a key and opts nothing in: did you mean windvane.dev/placement?',
      },
    ]);
  });

  it('is told once, not at every change of the object', () => {
    const { misspelt } = tellingOf(wrong);
    expect(misspelt.concernedBy(PROPAGATION_POLICY, wrong, null)).toEqual([KEY]);
    expect(misspelt.concernedBy(PROPAGATION_POLICY, { ...wrong, spec: {} }, wrong)).toEqual([]);
    const other = policy({ 'windvane.dev/palcement': 'follow-the-wind' });
    expect(misspelt.concernedBy(PROPAGATION_POLICY, other, wrong)).toEqual([KEY]);
    expect(misspelt.concernedBy(PROPAGATION_POLICY, null, wrong)).toEqual([]);
    expect(misspelt.concernedBy(SERVICE, wrong, null)).toEqual([]);
  });

  it('waits for a replica that leads', async () => {
    const { misspelt, told, state } = tellingOf(wrong);
    state.mayTell = false;
    expect(await misspelt.reconcile(KEY)).toMatchObject({ requeueAfter: expect.any(Number) });
    expect(told).toEqual([]);
  });

  it.each([
    [
      'the right key stands there too',
      policy({ 'windvane.dev/placment': 'off', 'windvane.dev/placement': 'off' }),
    ],
    ['another key is meant', policy({ 'windvane.dev/max-shar': '40' })],
    ['the key is of somebody else', policy({ 'example.org/placment': 'follow-the-wind' })],
    ['the namespace is not served', policy({ 'windvane.dev/placment': 'off' }, 'elsewhere')],
  ])('is none where %s', async (_, object) => {
    const { misspelt, told } = tellingOf(object);
    expect([...misspelt.all()]).toEqual([]);
    expect(misspelt.concernedBy(PROPAGATION_POLICY, object, null)).toEqual([]);
    expect(await misspelt.reconcile(KEY)).toEqual({});
    expect(told).toEqual([]);
  });
});
