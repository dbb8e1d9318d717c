import { basename } from 'node:path';
import { parseInstant } from '@windvane/carbon-map';
import { textOf } from './csv.ts';
import type { SimulatedFleet } from './fleet.ts';
import { durationHours, fieldsOf } from './json-lines.ts';
import { SimulationError } from './simulation-error.ts';
import type { SimulatedJob } from './temporal.ts';

const HOUR_MS = 3_600_000;

/**
 * Reads JSON lines of `{id, createdAt, startBy, duration, cluster}`: instants in RFC 3339, the duration as `90m`, the
 * cluster by name. A job is created at the next full hour and may run anywhere. Throws {@link SimulationError}.
 */
export async function readJobs(path: string, fleet: SimulatedFleet): Promise<SimulatedJob[]> {
  const jobs: SimulatedJob[] = [];
  for (const [index, line] of (await textOf(path)).split('\n').entries()) {
    if (line.trim() !== '') jobs.push(parseJob(line, fleet, `${basename(path)} line ${index + 1}`));
  }
  if (jobs.length === 0) throw new SimulationError(`${basename(path)} holds no job`);
  return jobs;
}

function parseJob(line: string, fleet: SimulatedFleet, where: string): SimulatedJob {
  const fields = fieldsOf(line, where);
  const text = (key: string) => {
    const value = fields[key];
    if (typeof value !== 'string' || value === '') throw new SimulationError(`${where}: ${key} is missing`);
    return value;
  };
  const hour = (key: string) => {
    const at = parseInstant(text(key));
    if (at === null)
      throw new SimulationError(`${where}: ${key} is not an instant such as 2022-06-01T00:00Z`);
    return at / HOUR_MS;
  };
  if (hour('startBy') < hour('createdAt')) {
    throw new SimulationError(
      `${where}: startBy is before createdAt; write when the job has to start at the latest`,
    );
  }
  const createdAt = Math.ceil(hour('createdAt'));
  const startBy = Math.max(createdAt, Math.floor(hour('startBy')));
  const hours = durationHours(text('duration'), where);
  const cluster = text('cluster');
  const home = fleet.clusters.findIndex(({ name }) => name === cluster);
  if (home < 0) throw new SimulationError(`${where}: cluster ${cluster} is not among --clusters`);
  if (createdAt < fleet.from || startBy + hours > fleet.to) {
    throw new SimulationError(`${where}: the traces do not hold every hour in which the job may run`);
  }
  return { id: text('id'), createdAt, startBy, hours, home, roams: true };
}
