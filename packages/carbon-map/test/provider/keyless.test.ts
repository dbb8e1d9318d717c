import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createBaselineProvider,
  createEnergyChartsProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createUkCarbonIntensityProvider,
  createVirtualClock,
  HOUR,
  MINUTE,
  withBreaker,
} from '../../src/index.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, NOON } from '../support/fixtures.ts';
import { type Handler, json, startHttpServer } from '../support/http-server.ts';

const NOW = NOON + 20 * MINUTE;

/** Both keyless sources on one server: Great Britain at 150 g, every country at 400 g. */
const sources: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  if (url.pathname !== '/co2eq') {
    const [from, to] = [NOON, NOON + 30 * MINUTE].map((at) => new Date(at).toISOString());
    return json({ data: [{ from, to, intensity: { forecast: 150, actual: null } }] })(request, response);
  }
  const times = Array.from({ length: 8 }, (_, i) => NOON - HOUR + i * 15 * MINUTE);
  const body = {
    unix_seconds: times.map((at) => at / 1_000),
    co2eq: times.map((at) => (at <= NOON ? 400 : null)),
    co2eq_forecast: times.map((at) => (at <= NOON ? null : 420)),
  };
  return json(body)(request, response);
};

/** What a fleet without any key sees. */
async function mapOf(zones: readonly string[], handler: Handler) {
  const server = await startHttpServer();
  onTestFinished(() => server.close());
  server.answer(handler);
  const clock = createVirtualClock(NOW);
  const live = [
    createUkCarbonIntensityProvider({ baseUrl: server.url, clock }),
    createEnergyChartsProvider({ baseUrl: server.url, clock }),
  ].map((provider) => withBreaker(provider, { clock }));
  const refresher = createRefresher({
    zones: () => zones,
    chain: () => [...live, createBaselineProvider()],
    store: createMemoryStore({ clock }),
    clock,
    locations: createLocationResolver(),
    holder: 'test',
  });
  const map = await refresher.refreshOnce();
  const data = Object.values(map.zones).map(({ zone, reading, data: quality }) => [
    zone,
    quality,
    reading?.source ?? null,
  ]);
  return { pair: map.pair, data };
}

describe('a fleet without keys', () => {
  it('is as live as the pair of the most zones allows', async () => {
    expect(await mapOf(['GB', 'DE', 'FR', 'US-MIDA-PJM'], sources)).toEqual({
      pair: AVERAGE_LIFECYCLE,
      data: [
        ['GB', 'baseline', 'baseline'],
        ['DE', 'live', 'energy-charts'],
        ['FR', 'live', 'energy-charts'],
        ['US-MIDA-PJM', 'baseline', 'baseline'],
      ],
    });
  });

  it('has no number for a zone outside the pair that decides', async () => {
    expect(await mapOf(['GB', 'US-MIDA-PJM'], sources)).toEqual({
      pair: AVERAGE_DIRECT,
      data: [
        ['GB', 'live', 'uk-carbon-intensity'],
        ['US-MIDA-PJM', null, null],
      ],
    });
  });

  it('is served from yearly averages when no source answers', async () => {
    expect(await mapOf(['GB', 'DE'], json({}, 503))).toEqual({
      pair: AVERAGE_LIFECYCLE,
      data: [
        ['GB', 'baseline', 'baseline'],
        ['DE', 'baseline', 'baseline'],
      ],
    });
  });
});
