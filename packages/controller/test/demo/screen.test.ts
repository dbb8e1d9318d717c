import { describe, expect, it } from 'vitest';
import { createScreen, type Terminal } from '../../src/demo/screen.ts';
import { NOON, snapshot } from './snapshots.ts';

function terminal(
  interactive: boolean,
  size = { columns: 80, rows: 40 },
): Terminal & { readonly lines: string[]; readonly drawn: string[] } {
  const lines: string[] = [];
  const drawn: string[] = [];
  return {
    lines,
    drawn,
    interactive,
    size: () => size,
    line: (text) => lines.push(text),
    raw: (text) => drawn.push(text),
  };
}

const event = { at: NOON, workload: 'media/render', text: '+2 paris', detail: null };

describe('on a terminal', () => {
  it('draws in place, hides the cursor meanwhile and gives it back', () => {
    const screen = terminal(true);
    const live = createScreen(screen);
    live.show(snapshot(), []);
    live.show(snapshot({ hour: 13 }), []);
    live.close();
    expect(screen.lines).toEqual([]);
    expect(screen.drawn[0]).toContain('\u001B[?25l\u001B[2J\u001B[HWindvane demo');
    expect(screen.drawn[1]).toContain('hour 13 of 72');
    expect(screen.drawn[1]?.startsWith('\u001B[HWindvane')).toBe(true);
    expect(screen.drawn[2]).toBe('\u001B[?25h');
  });

  it('never draws more lines than fit, which would scroll', () => {
    const screen = terminal(true, { columns: 80, rows: 10 });
    createScreen(screen).show(snapshot(), []);
    expect(screen.drawn[0]?.split('\n')).toHaveLength(10);
  });
});

describe('elsewhere', () => {
  it('writes plain lines: grids every six hours, once, and every event, in whole', () => {
    const screen = terminal(false);
    const plain = createScreen(screen);
    plain.show(snapshot({ hour: 12 }), [event]);
    plain.show(snapshot({ hour: 12 }), [{ ...event, detail: 'The whole story.' }]);
    plain.show(snapshot({ hour: 13 }), []);
    plain.close();
    expect(screen.drawn).toEqual([]);
    expect(screen.lines).toEqual([
      '2026-06-01 12:00 UTC  g/kWh: sydney 500, paris 50, madrid 150',
      '2026-06-01 12:00 UTC  media/render: +2 paris',
      '2026-06-01 12:00 UTC  media/render: The whole story.',
    ]);
  });
});
