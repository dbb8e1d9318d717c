import type { Binding, BindingSpec, Cluster, Placement, TargetCluster } from '../types.ts';
import { matchesAffinity } from './affinity.ts';
import { availableReplicas } from './capacity.ts';
import { byteOrder, type Party, webster } from './webster.ts';

/** How the replicas of a binding are spread. */
export type Strategy = 'NonWorkload' | 'Duplicated' | 'StaticWeight' | 'DynamicWeight' | 'Aggregated';

/** Too little room for the replicas: the result stays as it is. */
export class UnschedulableError extends Error {}

export function strategyOf(spec: BindingSpec): Strategy {
  if (!isWorkload(spec)) return 'NonWorkload';
  const scheduling = spec.placement?.replicaScheduling;
  if (scheduling === undefined || scheduling.replicaSchedulingType === 'Duplicated') return 'Duplicated';
  if (scheduling.replicaDivisionPreference === 'Aggregated') return 'Aggregated';
  return (scheduling.weightPreference?.dynamicWeight ?? '') === '' ? 'StaticWeight' : 'DynamicWeight';
}

/** Whether the binding is about something with replicas, be they none at the moment. */
export function isWorkload(spec: BindingSpec): boolean {
  return (spec.replicas ?? 0) > 0 || spec.replicaRequirements !== undefined;
}

/** Weight of each candidate: the largest of the rules that hold it. Without any, all weigh the same. */
function staticWeights(candidates: readonly Cluster[], placement: Placement | undefined): Party[] {
  const rules = placement?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  const parties: Party[] = [];
  for (const cluster of candidates) {
    const weights = rules
      .filter((rule) => matchesAffinity(cluster, rule.targetCluster))
      .map((rule) => rule.weight);
    const weight = Math.max(0, ...weights);
    if (weight > 0) parties.push({ name: cluster.metadata.name, weight });
  }
  return parties.length > 0
    ? parties
    : candidates.map((cluster) => ({ name: cluster.metadata.name, weight: 1 }));
}

function divide(total: number, parties: readonly Party[], uid: string): TargetCluster[] {
  return webster(total, parties, uid).map(({ name, seats }) => ({ name, replicas: seats }));
}

function sumOf(clusters: readonly TargetCluster[]): number {
  return clusters.reduce((sum, cluster) => sum + (cluster.replicas ?? 0), 0);
}

function merge(held: readonly TargetCluster[], added: readonly TargetCluster[]): TargetCluster[] {
  const totals = new Map(held.map((cluster) => [cluster.name, cluster.replicas ?? 0]));
  for (const { name, replicas } of added) totals.set(name, (totals.get(name) ?? 0) + (replicas ?? 0));
  return [...totals].map(([name, replicas]) => ({ name, replicas }));
}

/** Fewest clusters first: those already used, then by room. */
function narrowed(total: number, parties: readonly Party[], used: ReadonlySet<string>): Party[] {
  const order = [...parties].sort(
    (a, b) => Number(used.has(b.name)) - Number(used.has(a.name)) || b.weight - a.weight,
  );
  const chosen: Party[] = [];
  let room = 0;
  for (const party of order) {
    if (room >= total) break;
    chosen.push(party);
    room += party.weight;
  }
  return chosen;
}

/**
 * Division by available replicas: what is placed stays, more is spread over the room there is, less is taken
 * away in proportion (Karmada's "steady" mode).
 */
function divideByRoom(
  candidates: readonly Cluster[],
  spec: BindingSpec,
  strategy: Strategy,
): TargetCluster[] {
  const names = new Set(candidates.map((cluster) => cluster.metadata.name));
  const held = (spec.clusters ?? []).filter((cluster) => names.has(cluster.name));
  const wanted = spec.replicas ?? 0;
  const uid = spec.resource.uid ?? '';
  const assigned = sumOf(held);
  if (assigned === wanted) return held;
  const shrinking = assigned > wanted;
  const target = shrinking ? wanted : wanted - assigned;
  const room: Party[] = shrinking
    ? held.map((cluster) => ({ name: cluster.name, weight: cluster.replicas ?? 0 }))
    : candidates.map((cluster) => ({
        name: cluster.metadata.name,
        weight: availableReplicas(cluster, spec.replicaRequirements),
      }));
  const total = room.reduce((sum, party) => sum + party.weight, 0);
  if (total < target) {
    throw new UnschedulableError(`Clusters available replicas ${total} are not enough to schedule.`);
  }
  const used = new Set(shrinking ? [] : held.map((cluster) => cluster.name));
  const parties = strategy === 'Aggregated' ? narrowed(target, room, used) : room;
  const added = divide(target, parties, uid);
  return shrinking ? added : merge(held, added);
}

/**
 * The schedule of a binding over its candidates, by name. Clusters that get nothing are left out, unless the
 * scheduler runs with empty workload propagation.
 *
 * @throws UnschedulableError when a division by room has too little of it.
 */
export function assign(
  candidates: readonly Cluster[],
  spec: BindingSpec,
  emptyWorkloadPropagation: boolean,
): TargetCluster[] {
  const strategy = strategyOf(spec);
  if (strategy === 'NonWorkload') return candidates.map((cluster) => ({ name: cluster.metadata.name }));
  const replicas = spec.replicas ?? 0;
  const uid = spec.resource.uid ?? '';
  let result: TargetCluster[];
  if (strategy === 'Duplicated') {
    result = candidates.map((cluster) => ({ name: cluster.metadata.name, replicas }));
  } else if (strategy === 'StaticWeight') {
    result = divide(replicas, staticWeights(candidates, spec.placement), uid);
  } else {
    result = divideByRoom(candidates, spec, strategy);
  }
  if (!emptyWorkloadPropagation) return withoutEmpty(result);
  const named = new Set(result.map((cluster) => cluster.name));
  const empty = candidates.filter((cluster) => !named.has(cluster.metadata.name));
  return [...result, ...empty.map((cluster) => ({ name: cluster.metadata.name, replicas: 0 }))].sort((a, b) =>
    byteOrder(a.name, b.name),
  );
}

function withoutEmpty(clusters: readonly TargetCluster[]): TargetCluster[] {
  return clusters.filter((cluster) => (cluster.replicas ?? 0) > 0).sort((a, b) => byteOrder(a.name, b.name));
}

/** Whether the assigned replicas no longer add up to what the binding asks for. */
export function replicasChanged(binding: Binding): boolean {
  const spec = binding.spec;
  if (spec === undefined) return false;
  const clusters = spec.clusters ?? [];
  if (strategyOf(spec) === 'Duplicated') {
    return clusters.some((cluster) => (cluster.replicas ?? 0) !== (spec.replicas ?? 0));
  }
  return sumOf(clusters) !== (spec.replicas ?? 0);
}
