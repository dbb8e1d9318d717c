import { SimulationError } from './simulation-error.ts';

const UNIT_HOURS: Readonly<Record<string, number>> = { s: 1 / 3600, m: 1 / 60, h: 1, d: 24 };

/** One line of JSON lines as an object. Throws {@link SimulationError}. */
export function fieldsOf(line: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below like any other line that is no object.
  }
  throw new SimulationError(`${where}: not a JSON object; write one on each line`);
}

/** Hours of a duration such as `90m`. Throws {@link SimulationError}. */
export function durationHours(text: string, where: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const hours = Number(match?.[1]) * (UNIT_HOURS[match?.[2] ?? ''] ?? Number.NaN);
  if (!(hours > 0)) throw new SimulationError(`${where}: duration "${text}" is not one such as 90m or 6h`);
  return hours;
}
