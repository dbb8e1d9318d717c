import { describe, expect, it } from 'vitest';
import { countryOf, EU_MEMBER_STATES, inEuropeanUnion, isNationalMean } from '../../src/location/country.ts';
import { nearMisses } from '../../src/location/near-miss.ts';
import { AWS_REGIONS } from '../../src/location/regions/aws.ts';
import { AZURE_REGIONS } from '../../src/location/regions/azure.ts';
import { GCP_REGIONS } from '../../src/location/regions/gcp.ts';
import type { RegionRow } from '../../src/location/regions/region.ts';
import { zoneList } from '../../src/location/zone-list.ts';

const { year, zones } = zoneList();

describe('the zone list', () => {
  it('is the newest table of the package', () => {
    expect(year).toBeGreaterThanOrEqual(2025);
    expect(zones.size).toBeGreaterThanOrEqual(350);
    expect(zones.get('DE')).toMatchObject({ name: 'Germany' });
  });

  it('never has zero for a yearly mean', () => {
    for (const { yearlyGramsPerKwh } of zones.values()) expect(yearlyGramsPerKwh).not.toBe(0);
  });
});

describe.each([
  ['aws', AWS_REGIONS, 38],
  ['azure', AZURE_REGIONS, 65],
  ['gcp', GCP_REGIONS, 43],
] as const)('the regions of %s', (_provider, rows, atLeast) => {
  it('stand in listed zones that are grids, not national means', () => {
    for (const { region, zone } of rows) {
      expect(zones.has(zone), `${region}: ${zone}`).toBe(true);
      expect(isNationalMean(zone), `${region}: ${zone}`).toBe(false);
    }
  });

  it('are named once, in lower case and in order, with a place', () => {
    const names = rows.map(({ region }) => region);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(names.map((name) => name.toLowerCase()).sort());
    for (const { place } of rows) expect(place).not.toBe('');
    expect(names.length).toBeGreaterThanOrEqual(atLeast);
  });
});

describe('rows on which public tables disagree', () => {
  const all = new Map<string, RegionRow>([
    ...AWS_REGIONS.map((row) => [`aws/${row.region}`, row] as const),
    ...AZURE_REGIONS.map((row) => [`azure/${row.region}`, row] as const),
    ...GCP_REGIONS.map((row) => [`gcp/${row.region}`, row] as const),
  ]);

  it.each([
    ['gcp/us-central1', 'US-MIDW-MISO'],
    ['aws/us-west-2', 'US-NW-PACW'],
    ['gcp/us-west1', 'US-NW-PACW'],
    ['azure/northcentralus', 'US-MIDA-PJM'],
    ['azure/northeurope', 'IE'],
    ['azure/westus', 'US-CAL-CISO'],
    ['aws/ca-central-1', 'CA-QC'],
    ['gcp/me-central1', 'QA'],
    ['aws/eu-north-1', 'SE-SE3'],
    ['azure/swedencentral', 'SE-SE3'],
    ['gcp/us-east1', 'US-CAR-SC'],
  ])('%s is %s, with the reason', (region, zone) => {
    expect(all.get(region)).toMatchObject({ zone });
    expect(all.get(region)?.reason).toMatch(/.{20,}/);
  });
});

describe('the European Union', () => {
  it('has 27 member states, each with a zone', () => {
    expect(new Set(EU_MEMBER_STATES).size).toBe(27);
    const countries = new Set([...zones.keys()].map(countryOf));
    expect(EU_MEMBER_STATES.filter((state) => !countries.has(state))).toEqual([]);
  });

  it.each(['GB', 'GB-NIR', 'CH', 'NO-NO1', 'IS', 'UA', 'RS', 'GI', 'FO', 'GL', 'US-NE-ISNE'])(
    'is without %s',
    (zone) => {
      expect(inEuropeanUnion(zone)).toBe(false);
    },
  );

  it.each(['AX', 'RE', 'FR-COR', 'PT-MA', 'ES-CN-TE', 'SE'])('reaches %s', (zone) => {
    expect(inEuropeanUnion(zone)).toBe(true);
  });
});

describe('near misses', () => {
  it('count a swap of neighbours once and put the closest first', () => {
    expect(nearMisses('abdc', ['abcd', 'abxd', 'wxyz'])).toEqual(['abcd']);
    expect(nearMisses('westeuroppe', ['westeurope', 'northeurope'])).toEqual(['westeurope']);
  });

  it('need a third of a short name to agree, and no name is near to nothing', () => {
    expect(nearMisses('xy', ['DE', 'FR'])).toEqual([]);
    expect(nearMisses('', ['DE', 'FR'])).toEqual([]);
  });

  it('are few', () => {
    expect(nearMisses('aaa', ['aab', 'aac', 'aad', 'aae', 'aaf'], 2)).toEqual(['aab', 'aac']);
  });
});
