import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../src/karmada/resources.ts';
import { webster } from '../../src/karmada/scheduler/webster.ts';
import { DEPLOYMENT } from '../runtime/support/api.ts';
import { servers } from '../runtime/support/servers.ts';
import { deployment, divided, override, policy, selecting, weights } from './support/objects.ts';
import { MEMBERS, startWorld, type World } from './support/world.ts';

type Weights = readonly number[];

type Step =
  | { readonly kind: 'weigh'; readonly weights: Weights }
  | { readonly kind: 'scale'; readonly replicas: number }
  | { readonly kind: 'pin'; readonly member: number; readonly replicas: number }
  | { readonly kind: 'unpin' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'order'; readonly order: readonly string[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('weigh' as const),
    weights: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('scale' as const), replicas: fc.integer({ min: 0, max: 30 }) }),
  fc.record({
    kind: fc.constant('pin' as const),
    member: fc.integer({ min: 0, max: 2 }),
    replicas: fc.integer({ min: 1, max: 30 }),
  }),
  fc.constant({ kind: 'unpin' } as const),
  fc.constant({ kind: 'restart' } as const),
  fc.record({
    kind: fc.constant('order' as const),
    order: fc.shuffledSubarray([...MEMBERS], { minLength: 3 }),
  }),
);

/** What everything has to come to, by a reckoning of its own. */
interface Expected {
  replicas: number;
  weights: Weights;
  pin: { member: number; replicas: number } | undefined;
}

describe.each(servers)('random moves on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());

  const weigh = (values: Weights) =>
    weights(...values.map((weight, index) => [MEMBERS[index] ?? '', weight] as const));

  const perform = async (namespace: string, action: Step, expected: Expected): Promise<void> => {
    const { api, karmada } = world;
    if (action.kind === 'weigh') {
      expected.weights = action.weights;
      const spec = { placement: divided(weigh(action.weights)) };
      await api.patch(PROPAGATION_POLICY, namespace, 'web', { spec });
    } else if (action.kind === 'scale') {
      expected.replicas = action.replicas;
      await api.patch(DEPLOYMENT, namespace, 'web', { spec: { replicas: action.replicas } });
    } else if (action.kind === 'pin' && expected.pin === undefined) {
      expected.pin = action;
      const value = { path: '/spec/replicas', operator: 'add', value: action.replicas };
      const web = deployment(namespace, 'web', 1);
      await api.create(
        OVERRIDE_POLICY,
        override(namespace, 'pin', web, MEMBERS[action.member] ?? '', [value]),
      );
    } else if (action.kind === 'unpin' && expected.pin !== undefined) {
      expected.pin = undefined;
      await api.remove(OVERRIDE_POLICY, namespace, 'pin');
    } else if (action.kind === 'restart') {
      karmada.restartControllerManager();
      karmada.restartScheduler();
    } else if (action.kind === 'order') {
      karmada.setMemberOrder((names) =>
        [...names].sort((a, b) => action.order.indexOf(a) - action.order.indexOf(b)),
      );
    }
  };

  it('come to the split of the last weights, pins apart, without a write left over', async () => {
    const run = async (initial: Weights, steps: readonly Step[]) => {
      const namespace = await world.namespace();
      const expected: Expected = { replicas: 10, weights: initial, pin: undefined };
      const web = deployment(namespace, 'web', expected.replicas);
      await world.api.create(
        PROPAGATION_POLICY,
        policy(namespace, 'web', selecting(web), divided(weigh(initial))),
      );
      const { metadata } = await world.api.create(DEPLOYMENT, web);
      for (const action of steps) {
        await perform(namespace, action, expected);
        // What follows a scaling comes while the stand-ins are still at it.
        if (action.kind !== 'scale') await world.settled();
      }
      await world.settled();

      const parties = MEMBERS.map((name, index) => ({ name, weight: expected.weights[index] ?? 0 }));
      const seats = webster(expected.replicas, parties, metadata.uid ?? '').filter(
        (entry) => entry.seats > 0,
      );
      expect(await world.schedule(namespace, 'web-deployment')).toBe(
        seats.map((entry) => `${entry.name}:${entry.seats}`).join(' '),
      );
      const pinned = expected.pin;
      const running = Object.fromEntries(
        seats.map(({ name, seats: count }) => [
          name,
          pinned !== undefined && MEMBERS[pinned.member] === name ? pinned.replicas : count,
        ]),
      );
      const { clusters } = world.karmada.members.totals(namespace, 'web');
      const found = Object.entries(clusters).map(([name, pods]) => [name, pods.replicas]);
      expect(Object.fromEntries(found)).toEqual(running);
      const { status, metadata: seen } = await world.binding(namespace, 'web-deployment');
      expect(status.schedulerObservedGeneration).toBe(seen.generation);

      const before = world.karmada.writes();
      await world.advance(60_000);
      await world.settled();
      const summaries = MEMBERS.length;
      expect(world.karmada.writes() - before).toBeLessThanOrEqual(summaries);
      await world.advance(60_000);
      expect(world.karmada.writes() - before).toBeLessThanOrEqual(summaries);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 3 }),
        fc.array(step, { maxLength: 6 }),
        run,
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});
