import type { Gains } from '../shared/gains.ts';
import type { Headroom } from './member.ts';
import type { ReplicaRequests } from './workload.ts';

/** Both together; undefined stands for none. */
export function addHeadroom(a: Headroom | undefined, b: Headroom | undefined): Headroom | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    cpuMillis: a.cpuMillis + b.cpuMillis,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    pods: a.pods + b.pods,
  };
}

/**
 * Room that steps will take, without that of the unit that asks. Reads the steps once: made anew for each look at a unit.
 * @param requests what one replica of the workload with this key asks for
 */
export function reservationsOf(
  steps: () => Iterable<readonly [unit: string, gains: Gains]>,
  requests: (workload: string) => ReplicaRequests | undefined,
): (unit: string, cluster: string) => Headroom | undefined {
  let all: ReadonlyMap<string, Gains> | null = null;
  const known = new Map<string, ReadonlyMap<string, Headroom>>();
  return (unit, cluster) => {
    all ??= new Map(steps());
    let others = known.get(unit);
    if (others === undefined) {
      others = reservedBy(
        [...all].filter(([key]) => key !== unit).map(([, gains]) => gains),
        requests,
      );
      known.set(unit, others);
    }
    return others.get(cluster);
  };
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
