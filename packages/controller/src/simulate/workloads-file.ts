import { basename } from 'node:path';
import { parseDuration } from '../config/duration.ts';
import type { Objective } from '../engine/problem.ts';
import { textOf } from './csv.ts';
import { fieldsOf } from './json-lines.ts';
import { SimulationError } from './simulation-error.ts';

/** One workload of a simulation; what is not said is as on the command line. */
export interface SimulatedWorkload {
  readonly name: string;
  readonly replicas: number;
  readonly watts: number;
  /** Clusters that it may use; null for all. */
  readonly clusters: readonly string[] | null;
  readonly objective: Objective | null;
  readonly moveHours: number | null;
  readonly maxSharePercent: number | null;
}

const HOUR_MS = 3_600_000;
const KEYS = ['name', 'replicas', 'watts', 'clusters', 'objective', 'moveCost', 'maxShare'];
const OBJECTIVES: readonly string[] = ['carbon', 'cost', 'blended'];

/**
 * Reads JSON lines of `{name, replicas, watts, clusters, objective, moveCost, maxShare}`; all but the name may be left
 * out (1 replica of 100 W). Throws {@link SimulationError}.
 */
export async function readWorkloads(path: string, clusters: readonly string[]): Promise<SimulatedWorkload[]> {
  const workloads: SimulatedWorkload[] = [];
  for (const [index, line] of (await textOf(path)).split('\n').entries()) {
    if (line.trim() !== '')
      workloads.push(parseWorkload(line, clusters, `${basename(path)} line ${index + 1}`));
  }
  if (workloads.length === 0) throw new SimulationError(`${basename(path)} holds no workload`);
  const twice = workloads.find(({ name }, at) => workloads.findIndex((other) => other.name === name) < at);
  if (twice !== undefined)
    throw new SimulationError(`${basename(path)}: two workloads are named ${twice.name}`);
  return workloads;
}

function parseWorkload(line: string, known: readonly string[], where: string): SimulatedWorkload {
  const fields = fieldsOf(line, where);
  const fail = (message: string): never => {
    throw new SimulationError(`${where}: ${message}`);
  };
  const unknown = Object.keys(fields).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) fail(`${unknown} is unknown; write ${KEYS.join(', ')}`);
  const {
    name,
    replicas = 1,
    watts = 100,
    clusters = null,
    objective = null,
    moveCost = null,
    maxShare = null,
  } = fields;
  if (typeof name !== 'string' || name === '') return fail('name is missing');
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 1) {
    return fail('replicas must be a whole number from 1 on');
  }
  if (typeof watts !== 'number' || !(watts > 0)) return fail('watts must be a number above 0');
  if (objective !== null && !isObjective(objective)) return fail('objective must be carbon, cost or blended');
  const lost = typeof moveCost === 'string' ? parseDuration(moveCost) : null;
  if (moveCost !== null && lost === null) return fail('moveCost must be a duration such as "30m"');
  if (maxShare !== null && !isPercent(maxShare))
    return fail('maxShare must be a whole percent from 1 to 100');
  return {
    name,
    replicas,
    watts,
    clusters: clustersOf(clusters, known, fail),
    objective,
    moveHours: lost === null ? null : lost / HOUR_MS,
    maxSharePercent: maxShare,
  };
}

function isPercent(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100;
}

function isObjective(value: unknown): value is Objective {
  return typeof value === 'string' && OBJECTIVES.includes(value);
}

function clustersOf(
  value: unknown,
  known: readonly string[],
  fail: (message: string) => never,
): string[] | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length === 0) return fail('clusters must be a list of names');
  return value.map((name: unknown) =>
    typeof name === 'string' && known.includes(name)
      ? name
      : fail(`cluster ${String(name)} is not among --clusters`),
  );
}
