import { describe, expect, it } from 'vitest';
import { summaryLines, summaryOf } from '../../src/demo/summary.ts';
import { snapshot, workload } from './snapshots.ts';

const last = snapshot({
  hour: 72,
  workloads: [
    ...snapshot().workloads,
    workload('thumbs', { mode: 'observe', state: 'Observing', replicas: { sydney: 0, paris: 2 } }),
  ],
});

describe('summary', () => {
  it('has the fields that machines rely on, and no others', () => {
    const split = (...entries: [string, number][]): unknown =>
      entries.map(([cluster, replicas]) => ({ cluster, replicas }));
    expect(summaryOf(last)).toEqual({
      hours: 72,
      moves: 3,
      refused: 1,
      savedPercent: 12.5,
      clusters: [
        { name: 'sydney', zone: 'SY' },
        { name: 'paris', zone: 'PA' },
        { name: 'madrid', zone: 'MA' },
      ],
      workloads: [
        {
          namespace: 'media',
          name: 'render',
          kind: 'Deployment',
          mode: 'act',
          state: 'Steady',
          reason: null,
          split: split(['madrid', 1], ['paris', 3]),
        },
        {
          namespace: 'shop',
          name: 'pay',
          kind: 'Deployment',
          mode: 'act',
          state: 'Blocked',
          reason: 'RealTime',
          split: split(['madrid', 1], ['paris', 1], ['sydney', 1]),
        },
        {
          namespace: 'media',
          name: 'thumbs',
          kind: 'Deployment',
          mode: 'observe',
          state: 'Observing',
          reason: null,
          split: split(['paris', 2]),
        },
      ],
    });
  });

  it('says the same to people, refusals in words', () => {
    expect(summaryLines(last)).toEqual([
      '',
      '72 hours on made-up days: 3 moves.',
      'Saved 250 g of 2.0 kg CO2e against an even split over the same clusters (12.5 %), at 100 W per replica (assumed).',
      'Of the 1 workloads that it may move alone: 25.0 %.',
      '  media/render     25.0 % less; now paris 3, madrid 1',
      '  shop/pay         left alone. RealTime: it stays near its users; set flexible to let it move',
      '  media/thumbs     observed; nothing was written.',
    ]);
  });
});
