import { HOUR, MINUTE } from '@windvane/carbon-map';
import type { EventNote, KubeObject } from '@windvane/controller/kube';
import { describe, expect, it } from 'vitest';
import { createWallClock } from '../../faults/support/wall-clock.ts';
import { createEventTeller, createTeller } from '../../src/app/telling.ts';
import { allowance } from '../../src/policy/allowance.ts';
import type { KnownTrigger } from '../../src/policy/decider.ts';
import { parseMetadata } from '../../src/trigger/parse.ts';
import { placeOf } from '../../src/trigger/place.ts';
import { SCALED_OBJECT } from '../../src/watch/scaled.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';

const past = Array.from({ length: 100 }, (_, hour) => 300 + hour);

function known(metadata: Readonly<Record<string, string>>, name = 'train'): KnownTrigger {
  const parsed = parseMetadata(metadata);
  const resolver = {
    resolve: (location: string) => ({ location, zones: location === 'EU' ? ['A', 'B'] : ['DE'], source: '' }),
  };
  const place = placeOf(parsed.options?.location ?? null, null, resolver);
  const locationProblem = parsed.options === null ? null : place.problem;
  const question = { trigger: parsed, zone: place.zone, locationProblem, facts: null };
  const answer = allowance(question, snapshotOf(outlook({ past, present: 390 })), NOW);
  return { ref: { namespace: 'ai', name, metadata }, parsed, zone: place.zone, allowance: answer };
}

const never = known({ targetValue: '150', location: 'de' });

describe('Events on objects', () => {
  function teller() {
    const clock = createWallClock(NOW);
    const notes: (EventNote & { about: string })[] = [];
    const object: KubeObject = { metadata: { name: 'train', namespace: 'ai' } };
    const tell = createEventTeller({
      clock,
      object: (_, name) => (name === 'train' ? { type: SCALED_OBJECT, object } : null),
      events: {
        record: async (type, about, note) => {
          notes.push({ ...note, about: `${type.kind} ${about.metadata.name}` });
        },
      },
    });
    return { clock, notes, tell };
  }

  it('tell a target out of reach loudly, with the one that would work', () => {
    const { notes, tell } = teller();
    tell([never]);
    expect(notes).toEqual([
      {
        about: 'ScaledObject train',
        type: 'Warning',
        reason: 'TargetNeverReached',
        message:
          'targetValue 150 is never reached in DE: the lowest of 103 known hours is 300 g/kWh. "331" would have run in 30 % of them; percentile: "30" asks for the cleanest hours of each day, at any level.',
      },
    ]);
  });

  it('are told again while they last, before the API server forgets them', () => {
    const { clock, notes, tell } = teller();
    for (let minute = 0; minute < 120; minute++) {
      tell([never]);
      clock.advance(MINUTE);
    }
    expect(notes).toHaveLength(4);
    // A clock that was set back does not silence them until it has caught up.
    clock.jump(-12 * HOUR);
    tell([never]);
    expect(notes).toHaveLength(5);
    tell([]);
    clock.advance(HOUR);
    tell([never]);
    expect(notes).toHaveLength(6);
  });

  it('name a place that is none, and leave the rest to who reads objects', () => {
    const { notes, tell } = teller();
    tell([known({ targetValue: '500', location: 'EU' }), known({ targetValue: 'abc', location: 'de' })]);
    expect(notes.map(({ reason, message }) => [reason, message])).toEqual([
      ['BadTrigger', 'location "EU" stands for 2 zones: write one cloud region or zone'],
    ]);
    tell([known({ targetValue: '150', location: 'de' }, 'gone')]);
    expect(notes).toHaveLength(1);
  });
});

describe('the log', () => {
  it('warns of mistakes and of a target out of reach once, and tells every change', () => {
    const lines: string[] = [];
    const line =
      (level: string) =>
      (_: unknown, message: string): void =>
        void lines.push(`${level} ${message}`);
    const tell = createTeller({ info: line('info'), warn: line('warn'), error: line('error') });
    const wrong = known({ targetValue: '150', location: 'de', colour: 'green' });
    tell(wrong, null);
    tell(wrong, wrong.allowance);
    expect(lines.map((each) => each.slice(0, 40))).toEqual([
      'warn "colour" is not a key of this trigger: remove it'.slice(0, 40),
      'warn targetValue 150 is never reached in DE'.slice(0, 40),
      'info DE: Waits: 390 g/kWh now is not below'.slice(0, 40),
      'info DE: Waits: 390 g/kWh now is not below'.slice(0, 40),
    ]);
  });
});
