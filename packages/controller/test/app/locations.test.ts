import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConfiguredResolver, placeMistakes } from '../../src/app/locations.ts';
import { loadConfig } from '../../src/config/config.ts';
import { windvane } from '../cli/surroundings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-places-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(content: string): string {
  const path = join(folder, 'windvane.yaml');
  writeFileSync(path, content);
  return path;
}

function mistakes(content: string): readonly string[] {
  const config = loadConfig(written(content), { WATTTIME_USERNAME: 'ada', WATTTIME_PASSWORD: 'secret' });
  return placeMistakes(config, createConfiguredResolver(config.carbon));
}

describe('places in the configuration', () => {
  it.each([
    [
      'defaults: { locations: "EU, EUU" }',
      /^defaults\.locations: location "EUU" is not known \(did you mean/,
    ],
    [
      'karmada: { kubeconfig: a, clusterLocations: { x: aws/eu-nord-1 } }',
      /^karmada\.clusterLocations\.x: location "aws\/eu-nord-1" is not known \(did you mean aws\/eu-north-1/,
    ],
    [
      'prices: { currency: EUR, electricity: [{ type: static, prices: { GERMANYY: 0.2 } }] }',
      /^prices\.electricity\[0\]\.prices\.GERMANYY: location "GERMANYY" is not known/,
    ],
    [
      'prices: { currency: EUR, electricity: [{ type: energy-charts, biddingZones: { aws/eu-central-1: DE-LU } }] }',
      /biddingZones\.aws\/eu-central-1: "aws\/eu-central-1" is not the code of a zone: write DE$/,
    ],
    [
      'carbon: { providers: [{ type: watttime, places: { XX-FOO: { region: R } } }] }',
      /^carbon\.providers\[0\]\.places\.XX-FOO: location "XX-FOO" is not known/,
    ],
  ])('tells what means nothing in %s', (content, message) => {
    expect(mistakes(content)).toEqual([expect.stringMatching(message)]);
  });

  it('has nothing to say of names that are known', () => {
    expect(
      mistakes(`
carbon:
  locations: { berlin-dc: DE }
  providers:
    - { type: watttime, places: { US: { region: R }, US-MIDA-PJM: { region: PJM_DC } } }
    - { type: uk-carbon-intensity, regions: { GB: 1 } }
    - { type: energy-charts, countries: { DE: de } }
karmada: { kubeconfig: a, clusterLocations: { x: berlin-dc } }
defaults: { locations: "EU, aws/*, US" }
`),
    ).toEqual([]);
  });

  it('keeps a controller from starting', async () => {
    const run = await windvane(['run', '--config', written('defaults: { locations: EUU }')]);
    expect(run).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^windvane: defaults\.locations: .*EUU/),
    });
  });
});
