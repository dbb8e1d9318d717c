import {
  type CarbonProvider,
  createBaselineProvider,
  createLocationResolver,
  HOUR,
  MINUTE,
} from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createSources } from '../../src/app/chains.ts';
import { limitedAge, renamed } from '../../src/app/dressed-provider.ts';
import { type HubConfig, loadConfig } from '../../src/config/config.ts';

const AT = Date.UTC(2026, 5, 1, 12);
const resolver = createLocationResolver();
const provider = (name: string): CarbonProvider => renamed(createBaselineProvider(), name);
const providers = [provider('one'), provider('two'), provider('three')];

const carbon = (more: Partial<HubConfig['carbon']>): HubConfig['carbon'] => ({
  ...loadConfig(undefined, {}).carbon,
  providers: providers.map(({ name }) => ({ type: 'baseline', name })),
  ...more,
});
const chainOf = (chains: HubConfig['carbon']['chains'], zone: string): readonly string[] =>
  createSources(carbon({ chains }), providers, resolver)
    .chain(zone)
    .map(({ name }) => name);

describe('chains of the configuration', () => {
  it('are all providers in their order for a zone that no chain names', () => {
    expect(chainOf([{ zones: ['FR'], providers: ['two'] }], 'DE')).toEqual(['one', 'two', 'three']);
  });

  it('keep the order that a chain gives, and the first chain that holds a zone counts', () => {
    const chains = [
      { zones: ['aws/eu-central-1'], providers: ['three', 'one'] },
      { zones: ['EU', 'US-*'], providers: ['two'] },
    ];
    expect(chainOf(chains, 'DE')).toEqual(['three', 'one']);
    expect(chainOf(chains, 'PL')).toEqual(['two']);
    expect(chainOf(chains, 'US-MIDA-PJM')).toEqual(['two']);
    expect(chainOf(chains, 'NO-NO1')).toEqual(['one', 'two', 'three']);
  });

  it('of places that are not known are told with near misses', () => {
    expect(() => chainOf([{ zones: ['aws/eu-wets-1'], providers: ['one'] }], 'DE')).toThrow(
      /^carbon\.chains\[0\]\.zones: .*did you mean .*aws\/eu-west-1/,
    );
  });

  it('limit the sources that have a rate, and no others', () => {
    const limited = carbon({
      providers: [
        { type: 'baseline', name: 'one', rate: { requests: 30, per: HOUR } },
        { type: 'baseline', name: 'two' },
      ],
    });
    const { rateLimit } = createSources(limited, providers, resolver);
    expect(providers.map(rateLimit)).toEqual([{ key: 'configured', requests: 30, per: HOUR }, null, null]);
  });
});

describe('a source under another name', () => {
  const base = createBaselineProvider();
  const reading = base.latest('DE', AT);
  const full: CarbonProvider = {
    ...base,
    forecast: async (zone) => ({
      zone,
      ...base.pair,
      source: base.name,
      issuedAt: AT,
      resolution: HOUR,
      points: [],
    }),
    history: async () => [await reading],
  };

  it('shows on readings, forecasts and history, which stay as they are otherwise', async () => {
    const lab = renamed(full, 'lab');
    expect(lab.name).toBe('lab');
    expect(await lab.latest('DE', AT)).toEqual({ ...(await reading), source: 'lab' });
    expect(await lab.forecast('DE', AT, HOUR)).toMatchObject({ zone: 'DE', source: 'lab' });
    expect(await lab.history('DE', AT, AT)).toEqual([{ ...(await reading), source: 'lab' }]);
    expect(await renamed(base, 'lab').forecast('DE', AT, HOUR)).toBe(null);
  });

  it('is the source itself when the name is its own', () => {
    expect(renamed(full, full.name)).toBe(full);
  });
});

describe('a source with a largest age', () => {
  const old = (age: number): CarbonProvider => {
    const base = createBaselineProvider();
    return {
      ...base,
      latest: async (zone, at) => ({
        ...(await base.latest(zone, at)),
        validFrom: at - HOUR - age,
        validTo: at - age,
      }),
    };
  };

  it('gives what is younger, and says no-data for what is not', async () => {
    expect(await limitedAge(old(9 * MINUTE), 10 * MINUTE).latest('DE', AT)).toMatchObject({ zone: 'DE' });
    await expect(limitedAge(old(10 * MINUTE), 10 * MINUTE).latest('DE', AT)).rejects.toMatchObject({
      kind: 'no-data',
      message: expect.stringMatching(/newest reading of DE ended at 2026-06-01T11:50:00\.000Z/),
    });
  });
});
