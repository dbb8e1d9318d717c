import { DAY, HOUR, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { type Allowance, allowance } from '../../src/policy/allowance.ts';
import type { ScaledFacts, ScalerSnapshot, WorkloadShare } from '../../src/policy/snapshot.ts';
import { parseMetadata } from '../../src/trigger/parse.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';

const base = { targetValue: '150', location: 'de', maxReplicas: '10' };
const facts = (more: Partial<ScaledFacts> = {}): ScaledFacts => ({
  createdAt: NOW - 30 * DAY,
  workload: { namespace: 'ai', kind: 'Deployment', name: 'train' },
  maxReplicaCount: 8,
  ...more,
});

interface Asked {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly snapshot: ScalerSnapshot;
  readonly at?: number;
  readonly about?: ScaledFacts | null;
  readonly zone?: string | null;
}

function ask({ metadata = {}, snapshot, at = NOW, about = facts(), zone = 'DE' }: Asked): Allowance {
  const trigger = parseMetadata({ ...base, ...metadata });
  return allowance({ trigger, zone, locationProblem: null, facts: about }, snapshot, at);
}

const clean = snapshotOf(outlook({ past: [100, 100], present: 100, ahead: [100, 100, 100] }));
const dirty = snapshotOf(outlook({ past: [100, 400, 400], present: 400, ahead: [400, 400, 100] }));
const hours = (count: number, grams: number): number[] => Array.from({ length: count }, () => grams);

describe('a target', () => {
  it('allows the maximum below it and nothing at or above it', () => {
    expect(ask({ snapshot: clean })).toMatchObject({
      allowed: true,
      replicas: 10,
      reason: 'Clean',
      zone: 'DE',
      origin: 'hub',
      gramsPerKwh: 100,
      threshold: 150,
      heldSince: null,
      text: 'DE: Runs: 100 g/kWh now is below the target of 150.',
    });
    expect(ask({ snapshot: dirty })).toMatchObject({
      allowed: false,
      replicas: 0,
      most: 10,
      reason: 'Dirty',
      heldSince: NOW - 2 * HOUR,
      until: NOW + 3 * HOUR,
    });
    expect(ask({ snapshot: snapshotOf(outlook({ present: 150 })) }).allowed).toBe(false);
  });

  it('judges the mean of the forecast window, so that nothing starts right before a dirty hour', () => {
    const soon = snapshotOf(outlook({ present: 100, ahead: [400, 400] }));
    expect(ask({ snapshot: soon }).allowed).toBe(true);
    const of = (forecastWindow: string, at = NOW) =>
      ask({ snapshot: soon, metadata: { forecastWindow }, at });
    expect(of('2h')).toMatchObject({ allowed: false, gramsPerKwh: 250 });
    expect(of('1h').allowed).toBe(true);
    expect(of('1h', NOW + 30 * MINUTE)).toMatchObject({ allowed: false, gramsPerKwh: 250 });
  });

  it('takes the maximum from the metadata, else from the object, else leaves it to the HPA', () => {
    const none = { maxReplicas: 'many' };
    expect(ask({ snapshot: clean, metadata: none }).replicas).toBe(8);
    expect(ask({ snapshot: clean, metadata: none, about: null }).replicas).toBe(1_000);
    expect(ask({ snapshot: clean, metadata: { maxReplicas: '0' } })).toMatchObject({
      allowed: true,
      replicas: 0,
    });
  });

  it('has never been held longer than its object exists', () => {
    const about = facts({ createdAt: NOW - 10 * MINUTE });
    expect(ask({ snapshot: dirty, about }).heldSince).toBe(NOW - 10 * MINUTE);
  });
});

describe('a percentile', () => {
  it('allows the cleanest share of the next 24 hours', () => {
    const day = [300, 310, 320, 330, 340, 350, 360, 370, 380, 390, 400, 410];
    const trigger = parseMetadata({ percentile: '25', location: 'de' });
    const of = (present: number): Allowance => {
      const snapshot = snapshotOf(outlook({ present, ahead: [...day, ...day.toReversed()] }));
      return allowance({ trigger, zone: 'DE', locationProblem: null, facts: facts() }, snapshot, NOW);
    };
    expect(of(320)).toMatchObject({ allowed: true, reason: 'Clean' });
    expect(of(360)).toMatchObject({ allowed: false, reason: 'Dirty', neverReached: null });
  });
});

describe('the longest delay', () => {
  const metadata = { maxDelay: '4h', minRun: '1h' };
  const held = snapshotOf(outlook({ past: [100, 400, 400, 400], present: 400, ahead: hours(20, 400) }));

  it('lets held work run for a while, and holds it again', () => {
    const at = (later: number): Allowance => ask({ snapshot: held, metadata, at: NOW + later * HOUR });
    expect(at(0)).toMatchObject({ allowed: false, heldSince: NOW - 3 * HOUR, until: NOW + HOUR });
    expect(at(1)).toMatchObject({ allowed: true, replicas: 10, reason: 'MaxDelay', until: NOW + 2 * HOUR });
    expect(at(1).text).toBe(
      'Held for 4 h, the longest delay: runs until 2022-05-10T14:00Z. DE: Waits: 400 g/kWh now is not below the target of 150.',
    );
    expect(at(1.99).allowed).toBe(true);
    expect(at(2)).toMatchObject({ allowed: false, reason: 'Dirty', heldSince: NOW + 2 * HOUR });
    expect(at(5.99).allowed).toBe(false);
    expect(at(6).allowed).toBe(true);
  });

  it('counts from the creation of an object that is younger', () => {
    const about = facts({ createdAt: NOW - HOUR });
    expect(ask({ snapshot: held, metadata, about, at: NOW + 2.9 * HOUR }).allowed).toBe(false);
    expect(ask({ snapshot: held, metadata, about, at: NOW + 3 * HOUR }).reason).toBe('MaxDelay');
  });
});

describe('missing data', () => {
  const nothing = snapshotOf();
  const average = snapshotOf(outlook({ present: 400, data: 'baseline' }));
  /** A reading speaks up to two hours after the end of its hour. */
  const gone = NOW + 10 * HOUR;

  it.each([
    ['keep', nothing, true],
    ['run', nothing, true],
    ['pause', nothing, false],
    ['keep', average, true],
    ['pause', average, false],
    ['run', average, true],
  ] as const)('%s: nothing, or a yearly average', (onMissingData, snapshot, allowed) => {
    expect(ask({ snapshot, metadata: { onMissingData } })).toMatchObject({ allowed, reason: 'MissingData' });
  });

  it('keeps the state of the last data, runs or pauses when told so', () => {
    const of = (present: number): boolean[] =>
      ['keep', 'run', 'pause'].map(
        (onMissingData) =>
          ask({ snapshot: snapshotOf(outlook({ present })), metadata: { onMissingData }, at: gone }).allowed,
      );
    expect(of(400)).toEqual([false, true, false]);
    expect(of(100)).toEqual([true, true, false]);
    expect(ask({ snapshot: snapshotOf(outlook({ present: 400 })), at: gone }).text).toContain(
      'the last data counts',
    );
  });

  it('is not missing as long as a forecast reaches', () => {
    const ahead = [...hours(40, 400), 100, ...hours(7, 400)];
    const snapshot = snapshotOf(outlook({ present: 400, ahead }));
    expect(ask({ snapshot, at: NOW + 41 * HOUR })).toMatchObject({ allowed: true, reason: 'Clean' });
    expect(ask({ snapshot, at: NOW + 42 * HOUR })).toMatchObject({ allowed: false, reason: 'Dirty' });
  });

  it('is what a clock that was set back finds', () => {
    expect(ask({ snapshot: dirty, at: NOW - 5 * DAY })).toMatchObject({
      reason: 'MissingData',
      allowed: true,
    });
  });
});

describe('a share of 0', () => {
  const withShare = (share: WorkloadShare, contactAt: number | null = NOW): ScalerSnapshot => ({
    ...clean,
    contactAt,
    shares: new Map([['ai/Deployment/train', share]]),
  });

  it('holds what the grid would allow; any other share changes nothing', () => {
    expect(ask({ snapshot: withShare({ share: 0, since: NOW - HOUR }) })).toMatchObject({
      allowed: false,
      reason: 'NoShare',
      heldSince: NOW - HOUR,
    });
    expect(ask({ snapshot: withShare({ share: 0.01, since: null }) })).toMatchObject({
      allowed: true,
      replicas: 10,
    });
  });

  it('counts for six hours after the last contact', () => {
    const snapshot = withShare({ share: 0, since: NOW - DAY }, NOW - 6 * HOUR);
    expect(ask({ snapshot }).allowed).toBe(false);
    expect(ask({ snapshot: { ...snapshot, contactAt: NOW - 6 * HOUR - 1 } }).allowed).toBe(true);
    expect(ask({ snapshot: { ...snapshot, contactAt: null } }).allowed).toBe(true);
  });

  it('does not count for longer when the clock is set back and the hub is silent', () => {
    const snapshot = withShare({ share: 0, since: NOW - DAY }, NOW + 5 * MINUTE);
    expect(ask({ snapshot }).allowed).toBe(false);
    expect(ask({ snapshot: { ...snapshot, contactAt: NOW + 5 * MINUTE + 1 } }).allowed).toBe(true);
  });

  it('never holds beyond the longest delay', () => {
    const at = (since: number): Allowance =>
      ask({ snapshot: withShare({ share: 0, since }), metadata: { maxDelay: '2h' } });
    expect(at(NOW - 1.9 * HOUR)).toMatchObject({ allowed: false, until: NOW + 0.1 * HOUR });
    expect(at(NOW - 2 * HOUR)).toMatchObject({ allowed: true, reason: 'MaxDelay' });
  });

  it('adds to what the grid held before', () => {
    const { shares } = withShare({ share: 0, since: NOW - HOUR });
    expect(ask({ snapshot: { ...dirty, contactAt: NOW, shares } }).heldSince).toBe(NOW - 2 * HOUR);
  });

  it('says nothing of an object that is not known', () => {
    expect(ask({ snapshot: withShare({ share: 0, since: null }), about: null }).allowed).toBe(true);
  });
});

describe('a target that is never reached', () => {
  const past = Array.from({ length: 100 }, (_, hour) => 300 + hour);
  const virginia = snapshotOf(outlook({ past, present: 390 }));

  it('is reported with the one that would run 30 % of the time', () => {
    const { neverReached, allowed } = ask({ snapshot: virginia });
    expect(allowed).toBe(false);
    expect(neverReached).toMatchObject({ lowest: 300 });
    const suggestion = neverReached?.suggestion ?? 0;
    const known = [...past, 390, 390, 390];
    const shareBelow = (target: number): number =>
      known.filter((grams) => grams < target).length / known.length;
    expect(shareBelow(suggestion)).toBeGreaterThanOrEqual(0.3);
    expect(shareBelow(suggestion - 1)).toBeLessThan(0.3);
  });

  it('is not said while it is reached somewhere, or while little is known', () => {
    const never = (targetValue: string): unknown =>
      ask({ snapshot: virginia, metadata: { targetValue } }).neverReached;
    expect(never('301')).toBeNull();
    expect(never('500')).toBeNull();
    const little = snapshotOf(outlook({ past: past.slice(0, 71), present: 390 }));
    expect(ask({ snapshot: little }).neverReached).toBeNull();
  });
});

describe('a trigger that cannot be followed', () => {
  it('holds nothing, unless it says pause', () => {
    const wrong = { targetValue: 'abc' };
    expect(ask({ snapshot: dirty, metadata: wrong })).toMatchObject({
      allowed: true,
      reason: 'Misconfigured',
      text: 'The trigger cannot be followed: targetValue must be a number of grams per kWh above 0, for example "150", got "abc"; it runs (onMissingData: keep).',
    });
    expect(ask({ snapshot: dirty, metadata: { ...wrong, onMissingData: 'pause' } }).allowed).toBe(false);
    expect(ask({ snapshot: dirty, zone: null }).reason).toBe('Misconfigured');
  });
});
