import { HOUR, type Instant, startOfHour } from '../model/time.ts';
import type { TimedValue } from './points.ts';
import { ProviderError } from './provider.ts';

/** One value of a series finer than an hour, as a source sent it: the mean over [from, to), its number unchecked. */
export interface Slot {
  readonly from: Instant;
  readonly to: Instant;
  readonly value: unknown;
}

/** The mean over [from, to), which lies within one hour. */
export interface HourPart {
  readonly from: Instant;
  readonly to: Instant;
  readonly gramsPerKwh: number;
}

/** Turns what was sent into gCO2eq per kWh, or throws {@link ProviderError}. */
export type Check = (value: unknown) => number;

/**
 * The newest hour of a series, as far as it is known: the mean of the slots that join without a gap up to the newest.
 * It keeps its beginning while the hour fills up, so that a store keeps one reading per hour, and a single slot
 * does not shake a ranking. The newest slot must be sound: what went before says nothing of now.
 * Throws `no-data` for no slot at all, `bad-payload` when the newest cannot be used, contradicts itself or is yet to come.
 */
export function newestHour(provider: string, slots: readonly Slot[], at: Instant, check: Check): HourPart {
  if (slots.length === 0) throw new ProviderError('no-data', provider, 'the answer holds no value');
  const past = slots.filter(({ from }) => from <= at).sort((a, b) => a.from - b.from);
  const newest = past.at(-1);
  if (newest === undefined) throw new ProviderError('bad-payload', provider, 'the value is of the future');
  const twin = past.at(-2);
  if (twin?.from === newest.from && twin.value !== newest.value) {
    throw new ProviderError('bad-payload', provider, 'the answer holds two values for one time');
  }
  check(newest.value);
  const hours = hourParts(past, check);
  const part = hours.at(-1);
  if (part === undefined) throw new ProviderError('no-data', provider, 'the answer holds no value');
  return part;
}

/**
 * A series by the hour, ascending: the mean of each run of slots that join without a gap within one hour.
 * Slots that cannot be used are left out; of two for one time the dirtier counts.
 */
function hourParts(slots: readonly Slot[], check: Check): readonly HourPart[] {
  const parts: HourPart[] = [];
  for (const slot of soundSlots(slots, check)) {
    const last = parts.at(-1);
    if (last?.to !== slot.from || startOfHour(last.from) !== startOfHour(slot.from)) {
      parts.push(slot);
      continue;
    }
    // As a step from the mean so far: what is the same in every slot stays the same to the last bit.
    const weight = (slot.to - slot.from) / (slot.to - last.from);
    const gramsPerKwh = last.gramsPerKwh + (slot.gramsPerKwh - last.gramsPerKwh) * weight;
    parts[parts.length - 1] = { from: last.from, to: slot.to, gramsPerKwh };
  }
  return parts;
}

/**
 * The past of a series by the hour, up to `now`: {@link hourParts}, but a series of which nothing can be used is
 * a fault, and the first one is thrown.
 */
export function pastHours(slots: readonly Slot[], now: Instant, check: Check): readonly HourPart[] {
  const past = slots.filter(({ from }) => from <= now);
  const parts = hourParts(past, check);
  if (parts.length === 0) for (const { value } of past) check(value);
  return parts;
}

/**
 * Hourly values of a forecast that is finer than an hour. An hour counts when its slots cover it without a gap,
 * the one that holds `at` when they cover what is left of it. Throws as `check` does, and for contradicting slots.
 */
export function hourlyForecast(
  provider: string,
  slots: readonly Slot[],
  at: Instant,
  check: Check,
): readonly TimedValue[] {
  const ahead = slots.filter(({ to }) => to > startOfHour(at));
  const bySlot = new Map<Instant, unknown>();
  for (const { from, value } of ahead) {
    if (bySlot.has(from) && bySlot.get(from) !== value) {
      const when = new Date(from).toISOString();
      throw new ProviderError('bad-payload', provider, `the forecast holds two values for ${when}`);
    }
    bySlot.set(from, value);
    check(value);
  }
  return hourParts(ahead, check)
    .filter(({ from, to }) => to === startOfHour(from) + HOUR && from <= Math.max(at, startOfHour(from)))
    .map(({ from, gramsPerKwh }) => ({ at: startOfHour(from), gramsPerKwh }));
}

function soundSlots(slots: readonly Slot[], check: Check): readonly HourPart[] {
  const byStart = new Map<Instant, HourPart>();
  for (const { from, to, value } of slots) {
    try {
      const gramsPerKwh = check(value);
      const known = byStart.get(from);
      if (known === undefined || known.gramsPerKwh < gramsPerKwh)
        byStart.set(from, { from, to, gramsPerKwh });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
  return [...byStart.values()].sort((a, b) => a.from - b.from);
}
