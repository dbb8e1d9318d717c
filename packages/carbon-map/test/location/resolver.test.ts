import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLocationResolver, LocationError } from '../../src/index.ts';
import { isNationalMean } from '../../src/location/country.ts';
import { zoneList } from '../../src/location/zone-list.ts';

const resolver = createLocationResolver();
const zoneOf = (location: string): readonly string[] => resolver.resolve(location).zones;

function errorOf(run: () => unknown): LocationError {
  try {
    run();
  } catch (error) {
    if (error instanceof LocationError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('one location', () => {
  it.each([
    ['us-east-1', 'US-MIDA-PJM', 'cloud region aws/us-east-1'],
    ['aws/us-east-1', 'US-MIDA-PJM', 'cloud region aws/us-east-1'],
    ['AWS/EU-Central-1', 'DE', 'cloud region aws/eu-central-1'],
    ['azure/northeurope', 'IE', 'cloud region azure/northeurope'],
    ['NorthEurope', 'IE', 'cloud region azure/northeurope'],
    ['gcp/europe-west4', 'NL', 'cloud region gcp/europe-west4'],
    ['US-MIDA-PJM', 'US-MIDA-PJM', 'zone'],
    ['se-se3', 'SE-SE3', 'zone'],
    ['de', 'DE', 'zone'],
    ['cl', 'CL-SEN', 'country'],
    ['uk', 'GB', 'country'],
    ['  FR ', 'FR', 'zone'],
  ])('%s is %s', (location, zone, source) => {
    expect(resolver.resolve(location)).toEqual({ location, zones: [zone], source });
  });

  it('may be a group', () => {
    const { zones, source } = resolver.resolve('eu');
    expect(source).toBe('group EU');
    expect(zones).toEqual(expect.arrayContaining(['DE', 'SE-SE3', 'IT-NO', 'DK-DK1', 'ES-IB-MA']));
    expect(zones).not.toEqual(expect.arrayContaining(['GB']));
  });

  it('is ambiguous when it names a country of several grids', () => {
    const error = errorOf(() => zoneOf('US'));
    expect(error.kind).toBe('ambiguous');
    expect(error.candidates).toEqual(expect.arrayContaining(['US-MIDA-PJM', 'US-TEX-ERCO']));
    expect(error.message).toContain('"US" is ambiguous');
    expect(error.message).toContain('write the zone or the cloud region');
    for (const country of ['se', 'it', 'IN', 'AU', 'ca', 'RU'])
      expect(errorOf(() => zoneOf(country)).kind).toBe('ambiguous');
  });

  it.each([
    ['us-eest-1', 'us-east-1'],
    ['aws/us-est-1', 'aws/us-east-1'],
    ['westeurop', 'westeurope'],
    ['US-MDIA-PJM', 'US-MIDA-PJM'],
  ])('%s is unknown, with %s as near miss', (location, near) => {
    const error = errorOf(() => zoneOf(location));
    expect(error).toMatchObject({ kind: 'unknown', location });
    expect(error.candidates[0]).toBe(near);
    expect(error.message).toContain(`did you mean ${near}`);
    expect(error.message).toMatch(/write a cloud region, an Electricity Maps zone or an ISO country$/);
  });

  it('is told that a group may stand in a list, and there alone', () => {
    expect(errorOf(() => resolver.expand(['us-eest-1'])).message).toContain('or a group');
    expect(errorOf(() => resolver.expand(['zz*'])).message).toContain('or a group');
    expect(errorOf(() => zoneOf('us-eest-1')).message).not.toContain('group');
  });

  it('that resembles nothing is unknown without advice that would mislead', () => {
    const error = errorOf(() => zoneOf('the-shed-behind-the-house'));
    expect(error.candidates).toEqual([]);
    expect(error.message).not.toContain('did you mean');
  });

  it.each(['', ' ', '/', 'aws/', '*'])('%j names nothing', (location) => {
    expect(errorOf(() => zoneOf(location)).kind).toBe('unknown');
  });

  it('resolves whatever the case, and every zone of the list but national means to itself', () => {
    const zones = [...zoneList().zones.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.boolean(), (zone, lower) => {
        let found: readonly string[];
        try {
          found = zoneOf(lower ? zone.toLowerCase() : zone);
        } catch (error) {
          return error instanceof LocationError && error.kind === 'ambiguous' && !zone.includes('-');
        }
        return found.length === 1 && found[0] === zone;
      }),
      { numRuns: 400 },
    );
  });
});

describe('overrides', () => {
  const own = createLocationResolver({
    overrides: {
      'Berlin-DC': 'de',
      'aws/us-west-2': 'US-NW-BPAT',
      'acme/us-east-1': 'US-TEX-ERCO',
      'acme/eu-west-1': 'IE',
      fr: 'FR-COR',
      sweden: 'SE',
    },
    zones: { 'IN-MH': 'Maharashtra' },
  });

  it('extend the table', () => {
    expect(own.resolve('berlin-dc')).toEqual({ location: 'berlin-dc', zones: ['DE'], source: 'override' });
    expect(own.resolve('acme/us-east-1').zones).toEqual(['US-TEX-ERCO']);
  });

  it('replace rows, also under the bare name', () => {
    expect(own.resolve('aws/us-west-2').zones).toEqual(['US-NW-BPAT']);
    expect(own.resolve('us-west-2').zones).toEqual(['US-NW-BPAT']);
  });

  it('make a bare name ambiguous when providers differ, and not when they agree', () => {
    const error = errorOf(() => own.resolve('us-east-1'));
    expect(error).toMatchObject({ kind: 'ambiguous', candidates: ['aws/us-east-1', 'acme/us-east-1'] });
    expect(error.message).toContain('write the provider as well');
    expect(own.resolve('eu-west-1').zones).toEqual(['IE']);
  });

  it('win over zones, and may stand for a national mean on purpose', () => {
    expect(own.resolve('FR').zones).toEqual(['FR-COR']);
    expect(own.resolve('sweden').zones).toEqual(['SE']);
  });

  it('add zones beyond the list', () => {
    expect(own.resolve('in-mh')).toMatchObject({ zones: ['IN-MH'], source: 'zone' });
    expect(own.zoneName('IN-MH')).toBe('Maharashtra');
  });

  it('must name a known zone', () => {
    const error = errorOf(() => createLocationResolver({ overrides: { home: 'DEE' } }));
    expect(error.message).toContain('override "home" names the zone "DEE", which is not known');
    expect(error.candidates).toContain('DE');
  });
});

describe('lists', () => {
  const inside = (location: string, zone: string, ...patterns: string[]): boolean =>
    resolver.inside({ location, zone }, patterns);

  it.each([
    ['a region by its full name', 'aws/eu-west-1', 'IE', 'aws/eu-west-1', true],
    ['a bare region in its full name', 'eu-west-1', 'IE', 'aws/eu-west-1', true],
    ['a full region in its bare name', 'aws/eu-west-1', 'IE', 'EU-WEST-1', true],
    ['a region in another one on the same grid', 'azure/northeurope', 'IE', 'aws/eu-west-1', false],
    ['a region in its zone', 'aws/eu-west-1', 'IE', 'ie', true],
    ['a region in its country', 'aws/us-west-2', 'US-NW-PACW', 'us', true],
    ['a region in another country', 'aws/eu-west-1', 'IE', 'de', false],
    ['a region in the union', 'aws/eu-north-1', 'SE-SE3', 'EU', true],
    ['London in the union', 'aws/eu-west-2', 'GB', 'EU', false],
    ['Zurich in the union', 'aws/eu-central-2', 'CH', 'EU', false],
    ['Oslo in the union', 'azure/norwayeast', 'NO-NO1', 'EU', false],
    ['a region in a glob of zones', 'gcp/us-west4', 'US-NW-NEVP', 'US-NW-*', true],
    ['a region in a glob of regions', 'aws/eu-west-1', 'IE', 'aws/eu-*', true],
    ['a region in a glob of another provider', 'azure/northeurope', 'IE', 'aws/eu-*', false],
    ['a full region in a bare glob', 'aws/eu-west-1', 'IE', 'eu-*', true],
    ['London in a glob of region names', 'aws/eu-west-2', 'GB', 'aws/eu-*', true],
    ['a question mark for one letter', 'aws/eu-west-1', 'IE', 'aws/eu-west-?', true],
    ['a place of the user in its zone', 'berlin-dc', 'DE', 'DE', true],
  ])('%s', (_name, location, zone, pattern, expected) => {
    expect(inside(location, zone, pattern)).toBe(expected);
  });

  it('hold what any of their patterns holds, and an empty list holds nothing', () => {
    expect(inside('aws/eu-west-1', 'IE', 'DE', 'FR', 'IE')).toBe(true);
    expect(inside('aws/eu-west-1', 'IE')).toBe(false);
  });

  it('tell a pattern that matches nothing, whatever the others match', () => {
    expect(errorOf(() => inside('aws/eu-west-1', 'IE', 'EU', 'Germny')).kind).toBe('unknown');
    expect(errorOf(() => inside('aws/eu-west-1', 'IE', 'EU', 'azur/*')).kind).toBe('unknown');
  });

  it('treat dots and brackets in a glob as themselves', () => {
    expect(errorOf(() => inside('aws/eu-west-1', 'IE', 'I.*')).kind).toBe('unknown');
    expect(errorOf(() => inside('aws/eu-west-1', 'IE', '[A-Z]*')).kind).toBe('unknown');
  });

  it('expand to zones without repeats and without national means', () => {
    const zones = resolver.expand(['DE', 'aws/eu-central-1', 'SE', 'US-TEX-*', 'EU']);
    expect(zones.slice(0, 6)).toEqual(['DE', 'SE-SE1', 'SE-SE2', 'SE-SE3', 'SE-SE4', 'US-TEX-ERCO']);
    expect(new Set(zones).size).toBe(zones.length);
    expect(zones).not.toContain('SE');
  });

  it('expand to what they hold', () => {
    const patterns = ['EU', 'us', 'IT', 'gb', 'US-CAL-*', 'de', 'au-*'];
    const zones = [...zoneList().zones.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...patterns), fc.constantFrom(...zones), (pattern, zone) => {
        // A national mean is inside its country, but no grid of it.
        if (isNationalMean(zone)) return true;
        return (
          resolver.inside({ location: zone, zone }, [pattern]) === resolver.expand([pattern]).includes(zone)
        );
      }),
    );
  });
});

describe('zone names', () => {
  it('are English, or the code', () => {
    expect(resolver.zoneName('SE-SE3')).toBe('South Central Sweden');
    expect(resolver.zoneName('XX-1')).toBe('XX-1');
  });
});
