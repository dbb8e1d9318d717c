import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Actor, actors, createInterleaving } from './support/interleaving.ts';

const undisturbed = actors.filter((actor) => actor !== 'somebody puts the number back');

describe.each([1, 2, 3])('a surge of %i clusters, whoever acts when', (size) => {
  const act = (world: ReturnType<typeof createInterleaving>, actor: Actor): void => {
    world.act(actor);
    if (world.available() < size) throw new Error(`${actor}: ${world.available()} of ${size} are left`);
  };
  const run = (order: readonly Actor[]): void => {
    const world = createInterleaving(size);
    for (const actor of order) {
      act(world, actor);
    }
    for (let round = 0; round < 60; round += 1) {
      for (const actor of undisturbed) {
        act(world, actor);
      }
    }
    expect(world.ended()).toBe(true);
    expect(world.available()).toBe(size);
  };

  it('never takes the work from where alone it runs, and comes to an end', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...actors), { minLength: 20, maxLength: 120 }), run), {
      numRuns: 400,
    });
  });

  it('ends with the newcomers when nobody interferes', () => {
    const world = createInterleaving(size);
    for (let round = 0; round < 60; round += 1) for (const actor of undisturbed) world.act(actor);
    expect(world.ended()).toBe(true);
    expect(world.decided()).toMatch(/^(b\d ?)+$/);
  });
});
