import { createLocationResolver } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { type ClusterWords, placeOf } from '../../src/optin/cluster.ts';

const locations = createLocationResolver();
const place = (words: Partial<ClusterWords>) => placeOf({ name: 'c', ...words }, locations);
const location = (value: string) => ({ 'windvane.dev/location': value });

describe('placeOf', () => {
  it('takes annotation, label, configuration, region with provider, in this order', () => {
    const all = {
      annotations: location('DE'),
      labels: location('FR'),
      configured: 'GB',
      provider: 'aws',
      region: 'us-east-1',
    };
    expect(place(all).zone).toBe('DE');
    expect(place({ ...all, annotations: {} }).zone).toBe('FR');
    expect(place({ ...all, annotations: {}, labels: {} }).zone).toBe('GB');
    expect(place({ provider: 'aws', region: 'us-east-1' })).toMatchObject({
      location: 'aws/us-east-1',
      zone: 'US-MIDA-PJM',
      excluded: null,
    });
  });

  it('has no say of its own without annotations', () => {
    expect(place({ annotations: location('DE') })).toEqual({
      location: 'DE',
      zone: 'DE',
      avoid: false,
      maxShare: 1,
      pue: 1,
      excluded: null,
    });
  });

  it('reads avoid, max-share and pue', () => {
    const annotations = {
      ...location('DE'),
      'windvane.dev/avoid': 'true',
      'windvane.dev/max-share': '30',
      'windvane.dev/pue': '1.25',
    };
    expect(place({ annotations })).toMatchObject({ avoid: true, maxShare: 0.3, pue: 1.25, excluded: null });
  });

  it.each([
    [{}, 'annotate it with windvane.dev/location'],
    [{ annotations: location('EU') }, 'name one place'],
    [{ annotations: location('eu-centrl-1') }, 'eu-centrl-1'],
    [{ annotations: location('berlin-dc') }, "or add it to carbon.locations in the hub's configuration"],
    [
      { annotations: { ...location('DE'), 'windvane.dev/avoids': 'true' } },
      'did you mean windvane.dev/avoid?',
    ],
    [{ annotations: { ...location('DE'), 'windvane.dev/pue': '0.5' } }, 'write a number from 1 to 3'],
    [{ annotations: { ...location('DE'), 'windvane.dev/avoid': 'yes' } }, '"true" or "false"'],
    [
      { annotations: { ...location('DE'), 'windvane.dev/avoid': '\u001b[2J' } },
      String.raw`"\u001b[2J" is not`,
    ],
    [{ annotations: location('\u001b[2J') }, String.raw`location "\u001b[2J" is not known`],
    [
      {
        annotations: {
          ...location('DE'),
          'windvane.dev/avod': 'true',
          'windvane.dev/max-share': '200',
        },
      },
      'did you mean windvane.dev/avoid?; also windvane.dev/max-share: "200" is not understood',
    ],
  ])('excludes %j and says why', (words, reason) => {
    expect(place(words).excluded).toContain(reason);
  });
});
