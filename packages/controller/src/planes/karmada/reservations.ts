import type { StepDivision } from './annotations.ts';
import type { Headroom } from './member.ts';
import type { ReplicaRequests } from './workload.ts';

/** Replicas that a step brings to each cluster, by workload. */
export type Gains = ReadonlyMap<string, Readonly<Record<string, number>>>;

export function gainsOf(divisions: Readonly<Record<string, StepDivision>>): Gains {
  const gains = new Map<string, Record<string, number>>();
  for (const [key, { from, to }] of Object.entries(divisions)) {
    const gained: Record<string, number> = {};
    for (const [cluster, count] of Object.entries(to)) {
      const more = count - (from[cluster] ?? 0);
      if (more > 0) gained[cluster] = more;
    }
    gains.set(key, gained);
  }
  return gains;
}

/**
 * Resources per cluster that steps under way will take. A cluster's own summary follows only when the pods are there,
 * so that two units could count on the same room. Pods that already count there are counted twice until their step is
 * done: too little is promised rather than too much.
 */
export function reservedBy(
  steps: Iterable<Gains>,
  requests: (workload: string) => ReplicaRequests | undefined,
): Map<string, Headroom> {
  const reserved = new Map<string, Headroom>();
  for (const step of steps) {
    for (const [workload, gained] of step) {
      const each = requests(workload) ?? { cpuMillis: 0, memoryBytes: 0 };
      for (const [cluster, replicas] of Object.entries(gained)) {
        const sum = reserved.get(cluster) ?? { cpuMillis: 0, memoryBytes: 0, pods: 0 };
        reserved.set(cluster, {
          cpuMillis: sum.cpuMillis + replicas * each.cpuMillis,
          memoryBytes: sum.memoryBytes + replicas * each.memoryBytes,
          pods: sum.pods + replicas,
        });
      }
    }
  }
  return reserved;
}
