import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/engine/decide.ts';
import type { ClusterOption, PlacementProblem } from '../../../src/engine/problem.ts';
import { createRoomSharing } from '../../../src/planes/shared/room-sharing.ts';
import { AT, cluster, HOUR, problem } from '../../engine/problems.ts';

const MINUTE = 60_000;

/** Ten replicas in a dirty cluster, and a clean one with some room. */
function unit(name: string, room: number | null, rest: Partial<PlacementProblem> = {}): PlacementProblem {
  const clusters: ClusterOption[] = [cluster('clean', 50, { headroomReplicas: room }), cluster('dirty', 500)];
  return problem(clusters, { dirty: 10 }, { unit: name, ...rest });
}
const gained = (sharing: ReturnType<typeof createRoomSharing>, asked: PlacementProblem, claims = true) =>
  sharing.decide(asked, claims).divisions[0]?.next['clean'] ?? 0;

describe('createRoomSharing', () => {
  it('gives one unit all the room that it wants, and shares it as soon as another wants some', () => {
    const sharing = createRoomSharing(decide);
    expect(gained(sharing, unit('a', 8))).toBe(8);
    expect(gained(sharing, unit('b', 8))).toBe(4);
    expect(gained(sharing, unit('a', 8))).toBe(4);
    expect(gained(sharing, unit('c', 8))).toBe(2);
    const { clusters } = sharing.decide(unit('c', 8), true);
    expect(clusters[0]?.constraint).toBe('headroom');
    expect(clusters[0]?.reason).toContain('headroom, shared with 2 other units');
  });

  it('counts a replica by the room that it takes', () => {
    const sharing = createRoomSharing(decide);
    gained(sharing, unit('small', 16));
    // The same room holds 16 small or 4 large replicas: half of it each, and what the small ones leave.
    expect(gained(sharing, unit('large', 4))).toBe(2);
    expect(gained(sharing, unit('small', 16))).toBe(8);
  });

  it('leaves those alone who have room enough, or whose room is not known', () => {
    const sharing = createRoomSharing(decide);
    gained(sharing, unit('a', 20));
    expect(gained(sharing, unit('b', 20))).toBe(10);
    expect(gained(sharing, unit('c', null))).toBe(10);
  });

  it('counts no unit that would not act, that wants nothing more, or that did not ask for a while', () => {
    const sharing = createRoomSharing(decide);
    gained(sharing, unit('observer', 8), false);
    gained(sharing, unit('settled', 8));
    gained(sharing, { ...unit('settled', 8), limits: { ...unit('x', 8).limits, minGain: 1 } });
    expect(gained(sharing, unit('a', 8))).toBe(8);
    expect(gained(sharing, unit('b', 8, { at: AT + 21 * MINUTE }))).toBe(8);
    expect(gained(sharing, unit('c', 8, { at: AT + HOUR }))).toBe(8);
  });
});
