import type { Forecast, Reading, ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, MINUTE, type Millis } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import type { MapStore } from '../store/store.ts';
import { contradicts, USUAL_HISTORY, type UsualRange, usualRange } from './plausible.ts';

/** Zones in which a provider contradicts its own history, and since when; its readings there are not used. */
export interface QuarantineReport {
  readonly since: Instant;
  readonly zones: readonly ZoneCode[];
  /** True when so many zones contradict that no reading of the provider is used. */
  readonly all: boolean;
}

/**
 * Holds each provider to what it said before. A reading far outside of the usual range of the last 14 days puts the
 * provider into quarantine in that zone; with half of its zones there, and at least two, everywhere. It is released when
 * all of its answers have agreed again for 15 minutes.
 */
export interface Quarantine {
  /** Takes note of a reading. */
  judge(provider: CarbonProvider, reading: Reading, at: Instant): Promise<Verdict>;
  /** Throws a `bad-payload` {@link ProviderError} for a forecast of a zone in quarantine, or one that contradicts as a reading would. */
  checkForecast(provider: CarbonProvider, forecast: Forecast, at: Instant): Promise<void>;
  /** Whether a reading kept from before contradicts what is known by now. */
  contradicted(reading: Reading): boolean;
  of(provider: string): QuarantineReport | null;
}

/** What is held of one reading. */
interface Verdict {
  /** Why it is not to be used; null when it is. */
  readonly refused: ProviderError | null;
  /** Whether it fits what the source said before: true also while that is not enough for a release. */
  readonly agrees: boolean;
}

const RELEASE_AFTER: Millis = 15 * MINUTE;
const RANGE_EVERY: Millis = HOUR;

interface Zone {
  readonly provider: string;
  readonly zone: ZoneCode;
  range: UsualRange | null;
  rangeAt: Instant;
  /** Since when it is in quarantine, and since when it agrees again. */
  since: Instant | null;
  agreesSince: Instant | null;
}

export function createQuarantine(store: MapStore): Quarantine {
  const zones = new Map<string, Zone>();

  async function zoneOf({ name, pair }: CarbonProvider, zone: ZoneCode, at: Instant): Promise<Zone> {
    const key = `${name} ${zone}`;
    let entry = zones.get(key);
    if (entry === undefined) {
      entry = { provider: name, zone, range: null, rangeAt: -Infinity, since: null, agreesSince: null };
      zones.set(key, entry);
    }
    if (at >= entry.rangeAt + RANGE_EVERY) {
      const past = await store.history(zone, pair, at - USUAL_HISTORY, at);
      entry.range = usualRange(past.filter(({ source }) => source === name));
      entry.rangeAt = at;
    }
    return entry;
  }

  function report(provider: string): QuarantineReport | null {
    const judged = [...zones.values()].filter((entry) => entry.provider === provider && entry.range !== null);
    const held = judged.filter(({ since }) => since !== null);
    if (held.length === 0) return null;
    return {
      since: Math.min(...held.map(({ since }) => since ?? Infinity)),
      zones: held.map(({ zone }) => zone).toSorted(),
      all: held.length >= 2 && held.length * 2 >= judged.length,
    };
  }

  /** Updates the zone's state; says why its reading is not to be used, or null. */
  function judgeValue(entry: Zone, grams: number, at: Instant): string | null {
    const { range } = entry;
    if (range === null) {
      entry.since = null;
      return null;
    }
    if (contradicts(range, grams)) {
      entry.since ??= at;
      entry.agreesSince = null;
      return `${shown(grams)} g/kWh for ${entry.zone} contradicts its own last days (${shown(range.least)} to ${shown(range.most)})`;
    }
    if (entry.since === null) return null;
    entry.agreesSince ??= at;
    if (at - entry.agreesSince >= RELEASE_AFTER) {
      entry.since = null;
      return null;
    }
    return `contradicted its own last days for ${entry.zone} a short while ago`;
  }

  /** Why no number of the provider is used in this zone, whatever it says; null when they are. */
  function heldBack(provider: string, zone: ZoneCode): string | null {
    const held = report(provider);
    if (held === null || !(held.all || held.zones.includes(zone))) return null;
    return `contradicts its own last days for ${held.zones.slice(0, 5).join(', ')}`;
  }

  const refusal = (provider: CarbonProvider, reason: string): ProviderError =>
    new ProviderError('bad-payload', provider.name, `${reason}; in quarantine, what it says is not used`);

  return {
    async judge(provider, reading, at) {
      if (!provider.countsAsFresh) return { refused: null, agrees: true };
      const entry = await zoneOf(provider, reading.zone, at);
      const reason = judgeValue(entry, reading.gramsPerKwh, at) ?? heldBack(provider.name, reading.zone);
      return {
        refused: reason === null ? null : refusal(provider, reason),
        agrees: entry.since === null || entry.agreesSince !== null,
      };
    },
    async checkForecast(provider, forecast, at) {
      const { range } = await zoneOf(provider, forecast.zone, at);
      const held = heldBack(provider.name, forecast.zone);
      if (held !== null) throw refusal(provider, held);
      const off = forecast.points.find((point) => range !== null && contradicts(range, point.gramsPerKwh));
      if (range === null || off === undefined) return;
      const last = `${shown(range.least)} to ${shown(range.most)}`;
      const message = `the forecast for ${forecast.zone} holds ${shown(off.gramsPerKwh)} g/kWh, which contradicts its own last days (${last})`;
      throw new ProviderError('bad-payload', provider.name, `${message}; the forecast is not used`);
    },
    contradicted(reading) {
      const range = zones.get(`${reading.source} ${reading.zone}`)?.range ?? null;
      return range !== null && contradicts(range, reading.gramsPerKwh);
    },
    of: report,
  };
}

function shown(grams: number): string {
  return String(Number(grams.toPrecision(4)));
}
