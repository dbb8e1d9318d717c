import type { ProviderErrorKind, ProviderProblem } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { pairWords, sourceProblems } from '../../src/doctor/problems.ts';

const problem = (provider: string, zone: string, kind: ProviderErrorKind): ProviderProblem => ({
  provider,
  zone,
  asked: 'reading',
  kind,
  message: `${provider}: it went wrong`,
  at: 0,
});

describe('problems of sources', () => {
  it('are one line per source and kind, with every zone', () => {
    expect(
      sourceProblems([
        problem('one', 'DE', 'unauthorized'),
        problem('two', 'DE', 'unavailable'),
        problem('one', 'FR', 'unauthorized'),
        problem('one', 'PL', 'no-data'),
      ]),
    ).toEqual([
      'one (DE, FR): it went wrong; check the file or variable that its key comes from',
      'two (DE): it went wrong; check its address, the network and a proxy in between',
      'one (PL): it went wrong; put another source after it',
    ]);
  });
});

describe('the pair rule in words', () => {
  const zones = [
    { zone: 'DE', data: 'live' },
    { zone: 'GB', data: 'baseline' },
    { zone: 'FR', data: 'stale' },
    { zone: 'PL', data: 'none' },
    { zone: 'SE', data: 'live' },
  ];

  it('lists the zones by what they are served with', () => {
    const fresh = { 'average/lifecycle': 2, 'average/direct': 1 };
    expect(pairWords('average/lifecycle', fresh, zones)).toEqual([
      'Zones are compared in average/lifecycle: 2 zones have a fresh reading in it (average/direct: 1).',
      'Live: DE, SE',
      'On yearly averages: GB',
      'Stale: FR',
      'No data in this pair, neither fed nor drained: PL',
    ]);
  });

  it('says when the order decided, and when nobody has anything', () => {
    const tie = { 'average/lifecycle': 1, 'marginal/direct': 1 };
    expect(pairWords('average/lifecycle', tie, [])).toEqual([
      'Zones are compared in average/lifecycle: 1 zone has a fresh reading in it (marginal/direct: 1; the order decides a tie).',
    ]);
    expect(pairWords('average/lifecycle', {}, [])).toEqual([
      'Zones are compared in average/lifecycle: 0 zones have a fresh reading in it.',
    ]);
  });
});
