import type { Clock, Instant, LocationResolver, Millis, ZoneCode } from '@windvane/carbon-map';
import { HOUR, SECOND } from '@windvane/carbon-map';
import type { ParsedMetadata } from '../trigger/metadata.ts';
import { parseMetadata } from '../trigger/parse.ts';
import { type Place, placeOf } from '../trigger/place.ts';
import { type Allowance, allowance } from './allowance.ts';
import type { ScaledFacts, ScalerSnapshot } from './snapshot.ts';

/** A trigger as KEDA names it. KEDA tells neither the kind of the object nor which of its triggers asks. */
export interface TriggerRef {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A trigger that asked not long ago, and its last answer. */
export interface KnownTrigger {
  readonly ref: TriggerRef;
  readonly parsed: ParsedMetadata;
  readonly zone: ZoneCode | null;
  readonly allowance: Allowance;
}

export interface DeciderOptions {
  readonly clock: Clock;
  readonly resolver: Pick<LocationResolver, 'resolve'>;
  readonly snapshot: () => ScalerSnapshot;
  readonly ownZone: () => ZoneCode | null;
  /** What the API server says of an object; null when it is not known. */
  readonly facts: (namespace: string, name: string) => ScaledFacts | null;
  /** Told of every answer that differs from the one before, and of the first. */
  readonly changed?: (trigger: KnownTrigger, before: Allowance | null) => void;
}

/** Answers from memory. Nothing here waits for anything. */
export interface Decider {
  readonly decide: (ref: TriggerRef) => Allowance;
  /** Every trigger that asked within the last hour. */
  readonly triggers: () => readonly KnownTrigger[];
}

/**
 * Decisions are made for whole ticks, the same on every clock: the calls of one poll, and of several pods, see one answer
 * unless a tick lies between them.
 */
export const TICK: Millis = 30 * SECOND;

/** KEDA asks at its polling interval; what has not asked for this long is gone. */
const FORGET_AFTER: Millis = HOUR;
const SWEEP_EVERY: Millis = 60 * SECOND;
const MOST_TEMPLATES = 1_000;

interface Entry {
  readonly ref: TriggerRef;
  readonly parsed: ParsedMetadata;
  place: Place;
  ownZone: ZoneCode | null;
  askedAt: Instant;
  decided: { readonly at: Instant; readonly allowance: Allowance } | null;
}

/** The start of the tick that holds `at`. */
export function startOfTick(at: Instant): Instant {
  return Math.floor(at / TICK) * TICK;
}

export function createDecider(options: DeciderOptions): Decider {
  const { clock, resolver, facts, changed = () => {} } = options;
  const entries = new Map<string, Entry>();
  const parsing = new Map<string, ParsedMetadata>();
  let sweptAt = clock.now();

  /** Thousands of objects are written from few templates. */
  function parse(metadata: TriggerRef['metadata'], text: string): ParsedMetadata {
    let parsed = parsing.get(text);
    if (parsed === undefined) {
      parsed = parseMetadata(metadata);
      if (parsing.size >= MOST_TEMPLATES) parsing.clear();
      parsing.set(text, parsed);
    }
    return parsed;
  }

  function entryOf(ref: TriggerRef, now: Instant): Entry {
    const metadata = JSON.stringify(ref.metadata);
    const key = `${ref.namespace}/${ref.name} ${metadata}`;
    let entry = entries.get(key);
    const ownZone = options.ownZone();
    if (entry === undefined) {
      const parsed = parse(ref.metadata, metadata);
      const place = placeOf(parsed.options?.location ?? null, ownZone, resolver);
      entry = { ref, parsed, place, ownZone, askedAt: now, decided: null };
      entries.set(key, entry);
    } else if (entry.ownZone !== ownZone) {
      entry.ownZone = ownZone;
      entry.place = placeOf(entry.parsed.options?.location ?? null, ownZone, resolver);
    }
    entry.askedAt = now;
    return entry;
  }

  function sweep(now: Instant): void {
    if (now - sweptAt < SWEEP_EVERY && now >= sweptAt) return;
    sweptAt = now;
    for (const [key, entry] of entries) if (now - entry.askedAt > FORGET_AFTER) entries.delete(key);
  }

  return {
    decide(ref) {
      const now = clock.now();
      const at = startOfTick(now);
      const entry = entryOf(ref, now);
      const before = entry.decided;
      if (before !== null && before.at === at) return before.allowance;
      sweep(now);
      const { parsed, place } = entry;
      // What is wrong with the rest comes first: a location that was not read names no place.
      const locationProblem = parsed.options === null ? null : place.problem;
      const question = {
        trigger: parsed,
        zone: place.zone,
        locationProblem,
        facts: facts(ref.namespace, ref.name),
      };
      const answer = allowance(question, options.snapshot(), at);
      entry.decided = { at, allowance: answer };
      if (before === null || differs(before.allowance, answer)) {
        changed({ ref, parsed, zone: place.zone, allowance: answer }, before?.allowance ?? null);
      }
      return answer;
    },
    triggers() {
      const known: KnownTrigger[] = [];
      for (const { ref, parsed, place, decided } of entries.values()) {
        if (decided !== null) known.push({ ref, parsed, zone: place.zone, allowance: decided.allowance });
      }
      return known;
    },
  };
}

function differs(a: Allowance, b: Allowance): boolean {
  return (
    a.replicas !== b.replicas ||
    a.reason !== b.reason ||
    (a.neverReached === null) !== (b.neverReached === null)
  );
}
