import { asObject, keyFor } from '../../runtime/client/object.ts';
import type { Store } from '../../runtime/client/store.ts';
import { MisconfiguredError } from '../scheduler/misconfigured.ts';
import type { CelCompiler } from '../scheduler/selector.ts';
import type { AddOnPlacementScore, ManagedCluster } from '../types.ts';
import { createCompiler, createEnvironment, type Program, toCel } from './environment.ts';

/** Expressions whose value may change though the cluster does not. */
export function readsScores(expressions: readonly string[]): boolean {
  return expressions.some((expression) => /\bscores\s*\(/.test(expression));
}

/** A cluster as OCM hands it to CEL: fields that Go always writes are there, quantities are text. */
function clusterValue({ apiVersion, kind, metadata, spec, status }: ManagedCluster): unknown {
  const amounts = (list: object | undefined): object =>
    Object.fromEntries(Object.entries(list ?? {}).map(([name, amount]) => [name, String(amount)]));
  const { capacity, allocatable } = status ?? {};
  return toCel({
    apiVersion,
    kind,
    metadata: { creationTimestamp: null, ...metadata },
    spec: { hubAcceptsClient: false, ...spec },
    status: {
      conditions: null,
      version: {},
      ...status,
      ...(capacity === undefined ? {} : { capacity: amounts(capacity) }),
      ...(allocatable === undefined ? {} : { allocatable: amounts(allocatable) }),
    },
  });
}

/**
 * CEL selectors of Placements: the variable `managedCluster` and the functions `scores` and `parseJSON`, beside
 * the shared environment. An expression that fails on a cluster, or answers anything but true, does not match it.
 */
export function createClusterCel(scores: Store<AddOnPlacementScore>): CelCompiler {
  const environment = createEnvironment()
    .registerVariable('managedCluster', 'map<string, dyn>')
    .registerFunction('string.parseJSON(): dyn', (text: string) => toCel(JSON.parse(text)))
    .registerFunction({
      name: 'scores',
      receiverType: 'map<string, dyn>',
      returnType: 'list<dyn>',
      params: [{ name: 'name', type: 'string' }],
      handler: (cluster: unknown, name: string) => {
        const { metadata } = asObject(cluster);
        const object = scores.get(keyFor(String(asObject(metadata)['name']), name));
        if (object === undefined) throw new Error(`failed to get score: ${name} not found`);
        return toCel(object.status?.scores ?? []);
      },
    });
  const compile = createCompiler(environment);
  const values = new WeakMap<ManagedCluster, unknown>();
  const verdicts = new WeakMap<ManagedCluster, Map<Program, boolean>>();

  const valueOf = (cluster: ManagedCluster): unknown => {
    let value = values.get(cluster);
    if (value === undefined) {
      value = clusterValue(cluster);
      values.set(cluster, value);
    }
    return value;
  };
  const holds = (program: Program, cluster: ManagedCluster): boolean => {
    try {
      return program({ managedCluster: valueOf(cluster) }) === true;
    } catch {
      return false;
    }
  };
  /** Objects of the cache are replaced, never changed: what held for one holds for good. */
  const holdsStill = (program: Program, cluster: ManagedCluster): boolean => {
    const known = verdicts.get(cluster) ?? new Map<Program, boolean>();
    verdicts.set(cluster, known);
    let verdict = known.get(program);
    if (verdict === undefined) {
      verdict = holds(program, cluster);
      known.set(program, verdict);
    }
    return verdict;
  };

  return (expressions) => {
    const programs = expressions.map((expression) => {
      try {
        return compile(expression);
      } catch (error) {
        const [reason] = error instanceof Error ? error.message.split('\n') : [String(error)];
        throw new MisconfiguredError('Predicate', `compilation failed: ERROR: ${reason ?? ''}`);
      }
    });
    const evaluate = readsScores(expressions) ? holds : holdsStill;
    return (cluster) => programs.every((program) => evaluate(program, cluster));
  };
}
