import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { around, choose, cluster, scoreObject } from './support/clusters.ts';
import { addOn, builtIn } from './support/objects.ts';

const text = readFileSync(new URL('../../../../docs/ocm.md', import.meta.url), 'utf8');

/** Rows of a table of bands, as lists of their cells. */
function rows(mode: string, cells: number): readonly (readonly string[])[] {
  const row = new RegExp(`^\\| ${mode} (\\|[^|]+){${cells}}\\|$`, 'gm');
  return [...text.matchAll(row)].map(([line]) =>
    line
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );
}
const exact = rows('Exact', 4);
const additive = rows('Additive', 3);

/** Smallest lead at which a newcomer with the later name takes the place; undefined when no lead up to 100 does. */
function movingLead(
  mode: string,
  weight: number,
  steady: number | undefined,
  usage: Record<string, number> = {},
): number | undefined {
  const configurations = [
    addOn('windvane', 'carbon', weight),
    ...(steady === undefined ? [] : [builtIn('Steady', steady)]),
  ];
  const fleet = [cluster('incumbent'), cluster('newcomer')];
  for (let lead = -100; lead <= 100; lead += 1) {
    const scores = [
      scoreObject('incumbent', 'windvane', { carbon: Math.max(0, -lead) }),
      scoreObject('newcomer', 'windvane', { carbon: Math.max(0, lead) }),
    ];
    const [chosen] = choose(
      { numberOfClusters: 1, prioritizerPolicy: { mode, configurations } },
      fleet,
      around({ decided: ['incumbent'], scores, usage }),
    );
    if (chosen === 'newcomer') return lead;
  }
  return undefined;
}

describe('the band of a Placement, as the documentation states it', () => {
  it('is stated for several weights', () => {
    expect(exact.length).toBeGreaterThanOrEqual(6);
    expect(additive.length).toBeGreaterThanOrEqual(2);
  });

  it.each(exact)('Exact, AddOn %s, Steady %s: %s', (weight, steady, lead, grams) => {
    const moves = movingLead('Exact', Number(weight), steady === '-' ? undefined : Number(steady));
    expect(lead).toBe(moves === undefined ? 'never' : String(moves));
    // One point is 8 g/kWh between the default bounds of 0 and 800.
    expect(grams).toBe(moves === undefined ? '-' : String(8 * moves));
  });

  it.each(additive)(
    'Additive, AddOn %s, Steady %s: %s, by what other Placements use',
    (weight, _steady, lead) => {
      const most = movingLead('Additive', Number(weight), undefined, { newcomer: 1 });
      const least = movingLead('Additive', Number(weight), undefined, { incumbent: 1 });
      expect(lead).toBe(`${least}..${most ?? 'never'}`);
    },
  );
});
