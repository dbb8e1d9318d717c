import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demoClusters, demoWorkloads } from '../../src/demo/fleet.ts';
import { gramsText, renderTable } from '../../src/demo/table.ts';
import { cluster, snapshot, workload } from './snapshots.ts';

describe('live table', () => {
  it('shows time, grids cleanest first with bar and trend, splits, states and what happened', () => {
    expect(renderTable(snapshot(), 80)).toEqual([
      'Windvane demo   2026-06-01 12:00 UTC   hour 12 of 72',
      'Grid data: made-up days',
      '',
      '  cluster    zone         g/kWh                                render        pay',
      '  paris      PA              50 ↘ ██                                3          1',
      '  madrid     MA             150 → ███████                           1          1',
      '  sydney     SY             500 ↗ ███████████████████████           0          1',
      '',
      '  media/render    Steady     75 g/kWh, even 233; goes anywhere',
      '  shop/pay        Blocked    RealTime: has to stay near its users',
      '',
      '  12:00 media/render: +2 paris, -2 sydney',
      '',
      '',
      '',
      '',
      '',
      '  So far: 3 moves, 250 g of CO2e less than an even split (12.5 %)',
    ]);
  });

  it('marks clusters that a policy does not allow, and grids without data', () => {
    const lines = renderTable(
      snapshot({
        clusters: [cluster('paris', null, { trend: null }), cluster('tokyo', 400)],
        workloads: [workload('render')],
      }),
      80,
    );
    const [tokyo, paris] = lines.slice(4, 6);
    expect(tokyo).toMatch(/tokyo .* 400 → █+ +·$/);
    expect(paris).toMatch(/paris +PA +- +3$/);
  });

  it('keeps the last events only, and its height', () => {
    const happenings = Array.from({ length: 9 }, (_, i) => ({
      at: 0,
      workload: 'a/b',
      text: `event ${i}`,
      detail: null,
    }));
    const many = renderTable(snapshot({ happenings }), 80);
    expect(many.filter((line) => line.includes('event'))).toHaveLength(5);
    expect(many.join('\n')).toContain('event 8');
    expect(many).toHaveLength(renderTable(snapshot(), 80).length);
  });

  it('fits any width without losing a workload', () => {
    fc.assert(
      fc.property(fc.integer({ min: 70, max: 240 }), (columns) => {
        const lines = renderTable(
          snapshot({
            clusters: demoClusters.map(({ name }) => cluster(name, 300)),
            workloads: demoWorkloads.map(({ name, about, clusters }) =>
              workload(name, { about, candidates: clusters }),
            ),
          }),
          columns,
        );
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        const rows = lines.slice(4, 4 + demoClusters.length);
        for (const row of rows)
          expect(row.match(/(?:·|\d+)(?= |$)/g)?.length).toBeGreaterThanOrEqual(1 + demoWorkloads.length);
      }),
    );
  });

  it('needs no cuts for the demo itself at 80 columns', () => {
    const lines = renderTable(
      snapshot({
        clusters: demoClusters.map(({ name }) => cluster(name, 300, { zone: 'US-CAL-CISO' })),
        workloads: demoWorkloads.map(({ kind, namespace, name, about, clusters }) =>
          workload(name, { kind, namespace, about, candidates: clusters, state: 'Observing' }),
        ),
        happenings: [],
      }),
      80,
    );
    expect(lines.join('\n')).not.toContain('…');
  });
});

describe('weights of carbon', () => {
  it.each([
    [0, '0 g'],
    [999.4, '999 g'],
    [1_000, '1.0 kg'],
    [-12_345, '-12.3 kg'],
  ])('%d g is %s', (grams, text) => {
    expect(gramsText(grams)).toBe(text);
  });
});
