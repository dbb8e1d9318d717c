import { type Instant, MINUTE } from '../model/time.ts';

/** Day of the week, Monday first. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** What a clock on the wall shows. */
export interface LocalTime {
  readonly weekday: Weekday;
  /** 1..12. */
  readonly month: number;
  /** Minutes since midnight by the wall clock, 0..1439. */
  readonly minute: number;
}

/**
 * Wall clocks of an IANA time zone, by the rules that the runtime ships (`Intl`), so that days of 23 and 25 hours come
 * right. Throws `RangeError` for a zone that it does not know.
 */
export function wallClock(timeZone: string): (at: Instant) => LocalTime {
  const format = formatOf(timeZone);
  let lastQuarter: Instant = Number.NaN;
  let last: LocalTime | null = null;
  return (at) => {
    // No offset has ever changed but on the quarter of an hour, as far as electricity is priced by it.
    const quarter = Math.floor(at / (15 * MINUTE));
    if (last === null || quarter !== lastQuarter) {
      last = read(format, quarter * 15 * MINUTE);
      lastQuarter = quarter;
    }
    return { ...last, minute: last.minute + Math.floor((at % (15 * MINUTE)) / MINUTE) };
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      month: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    throw new RangeError(`"${timeZone}" is no time zone: write an IANA name such as Europe/Berlin`);
  }
}

function read(format: Intl.DateTimeFormat, at: Instant): LocalTime {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const weekday = WEEKDAYS.find((day) => day === parts.get('weekday')?.toLowerCase());
  if (weekday === undefined) throw new RangeError('the runtime writes weekdays in an unknown way');
  return {
    weekday,
    month: Number(parts.get('month')),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
