import type { SimulatedFleet } from '../../src/simulate/fleet.ts';

/**
 * Least mean cost over every sequence of allocations in halves, or in wholes without a cap.
 *
 * @param costs per cluster and hour; a move loses none where they are below 0.
 */
export function bruteForce(fleet: SimulatedFleet, costs: readonly ArrayLike<number>[]): number {
  const clusters = fleet.actual.length;
  const { atoms, perCluster } = fleet.cap;
  const all: number[][] = [];
  const build = (prefix: number[], left: number) => {
    if (prefix.length === clusters) {
      if (left === 0) all.push(prefix.map((count) => count / atoms));
      return;
    }
    for (let count = 0; count <= Math.min(left, perCluster); count++) build([...prefix, count], left - count);
  };
  build([], atoms);
  const hours = fleet.to - fleet.from;
  const visit = (hour: number, before: number[] | null): number => {
    if (hour === hours) return 0;
    const totals = all.map((shares) => {
      let cost = visit(hour + 1, shares);
      for (const [cluster, share] of shares.entries()) {
        const gained = before === null ? 0 : Math.max(0, share - (before[cluster] ?? 0));
        const each = costs[cluster]?.[hour] ?? 0;
        cost += each * share + Math.max(0, each) * fleet.moveHours * gained;
      }
      return cost;
    });
    return Math.min(...totals);
  };
  return visit(0, null) / hours;
}
