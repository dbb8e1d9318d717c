import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseInstant } from '@windvane/carbon-map';
import type { SimulatedFleet } from './fleet.ts';
import type { SimulatedJob } from './temporal.ts';
import { SimulationError } from './traces.ts';

const HOUR_MS = 3_600_000;
const UNIT_HOURS: Readonly<Record<string, number>> = { s: 1 / 3600, m: 1 / 60, h: 1, d: 24 };

/**
 * Reads JSON lines of `{id, createdAt, startBy, duration, cluster}`: instants in RFC 3339, the duration as `90m`, the
 * cluster by name. A job is created at the next full hour and may run anywhere. Throws {@link SimulationError}.
 */
export async function readJobs(path: string, fleet: SimulatedFleet): Promise<SimulatedJob[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new SimulationError(`${path} cannot be read; name an existing file of JSON lines`);
  }
  const jobs: SimulatedJob[] = [];
  for (const [index, line] of text.split('\n').entries()) {
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

function fieldsOf(line: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told below like any other line that is no object.
  }
  throw new SimulationError(`${where}: not a JSON object`);
}

function durationHours(text: string, where: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const hours = Number(match?.[1]) * (UNIT_HOURS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(hours > 0)) throw new SimulationError(`${where}: duration "${text}" is not one such as 90m or 6h`);
  return hours;
}
