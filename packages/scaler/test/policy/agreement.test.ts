import { DAY, HOUR, MINUTE } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowance, type Question } from '../../src/policy/allowance.ts';
import { delayTurn } from '../../src/policy/delay.ts';
import type { ScalerSnapshot } from '../../src/policy/snapshot.ts';
import { parseMetadata } from '../../src/trigger/parse.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';

/** What is known at an instant of hours from `NOW` on: a month back and two days ahead. */
function knownAt(hours: readonly number[], at: number): ScalerSnapshot {
  const present = Math.floor((at - NOW) / HOUR);
  return snapshotOf(
    outlook({
      past: hours.slice(Math.max(0, present - 720), present),
      present: hours[present] ?? null,
      ahead: hours.slice(present + 1, present + 48),
      at: NOW + present * HOUR,
    }),
  );
}

function question(metadata: Readonly<Record<string, string>>, createdAt: number): Question {
  return {
    trigger: parseMetadata({ location: 'de', ...metadata }),
    zone: 'DE',
    locationProblem: null,
    facts: { createdAt, workload: { namespace: 'a', kind: 'Deployment', name: 'a' }, maxReplicaCount: 3 },
  };
}

describe('maxDelay', () => {
  it('is never exceeded, whatever the grid does and however far history reaches', () => {
    const days = 50;
    // Rare clean hours in long dirty stretches, so that their memory fades while work is held.
    const rare = fc.array(fc.integer({ min: 0, max: days * 24 - 1 }), { maxLength: 4 });
    const longest = fc.integer({ min: 12, max: 168 });
    fc.assert(
      fc.property(
        rare,
        longest,
        fc.integer({ min: 1, max: 10 }),
        fc.boolean(),
        (clean, delay, run, young) => {
          const hours = Array.from({ length: days * 24 }, (_, hour) => (clean.includes(hour) ? 100 : 400));
          const metadata = { targetValue: '150', maxDelay: `${delay}h`, minRun: `${run}h` };
          const asked = question(metadata, young ? NOW : NOW - 90 * DAY);
          let ranAt = NOW;
          for (let at = NOW; at < NOW + (days - 3) * DAY; at += HOUR) {
            if (allowance(asked, knownAt(hours, at), at).allowed) ranAt = at + HOUR;
            expect(at - ranAt).toBeLessThan(delay * HOUR);
          }
        },
      ),
      {
        numRuns: 8,
        examples: [
          [[100], 168, 1, false],
          [[30, 400], 100, 3, true],
        ],
      },
    );
  }, 60_000);

  it('counts turns of waiting and running from the anchor', () => {
    const turn = (later: number) =>
      delayTurn(NOW + later * HOUR, NOW, 0, { maxDelay: 4 * HOUR, minRun: HOUR });
    expect(turn(0)).toEqual({ due: false, since: NOW, until: NOW + 4 * HOUR });
    expect(turn(4)).toEqual({ due: true, since: NOW + 4 * HOUR, until: NOW + 5 * HOUR });
    expect(turn(5).due).toBe(false);
    expect(turn(9).due).toBe(true);
    expect(turn(-3)).toEqual({ due: false, since: NOW, until: NOW + 4 * HOUR });
  });
});

describe('two pods', () => {
  it('hold work for one stretch without a break: its beginning does not move while it lasts', () => {
    const grams = fc.array(fc.constantFrom(100, 140, 145, 149, 160, 300), { minLength: 100, maxLength: 100 });
    const window = fc.constantFrom('0', '30m', '1h', '3h');
    fc.assert(
      fc.property(grams, window, fc.boolean(), (hours, forecastWindow, percentile) => {
        const [key, value] = percentile ? ['percentile', '30'] : ['targetValue', '150'];
        const asked = question({ [key]: value, forecastWindow }, 0);
        let since: number | null = null;
        // What is expected comes true here: then the past is judged as the future was.
        for (let minute = 0; minute < 45 * 60; minute += 10) {
          const at = NOW + minute * MINUTE;
          const { allowed, heldSince } = allowance(asked, knownAt(hours, at), at);
          if (allowed) since = null;
          else if (since === null) since = heldSince;
          expect(since).toBe(allowed ? null : heldSince);
          expect(heldSince ?? at).toBeLessThanOrEqual(at);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('agree when one reads a longer history than the other', () => {
    const grams = fc.array(fc.integer({ min: 120, max: 180 }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(grams, fc.integer({ min: 60, max: 140 * 60 }), (hours, minute) => {
        const asked = question({ targetValue: '150', maxDelay: '5h' }, 0);
        const at = NOW + minute * MINUTE;
        const long = allowance(asked, knownAt(hours, at), at);
        const cut = knownAt(
          hours.map((value, hour) => (hour < minute / 60 - 50 ? Number.NaN : value)),
          at,
        );
        const outlookOfCut = cut.zones.get('DE');
        if (outlookOfCut?.history === null || outlookOfCut === undefined) return;
        const values = outlookOfCut.history.values.map((value) => (Number.isNaN(value) ? null : value));
        const short = { ...outlookOfCut, history: { ...outlookOfCut.history, values } };
        const other = allowance(asked, snapshotOf(short), at);
        fc.pre(long.heldSince === null || at - long.heldSince < 40 * HOUR);
        expect(other).toEqual(long);
      }),
      { numRuns: 100 },
    );
  });
});
