import type { Happening } from './happening.ts';
import type { Snapshot } from './snapshot.ts';
import { renderTable, timeText } from './table.ts';

/** What a screen can do: the command line's output module. */
export interface Terminal {
  line(text: string): void;
  /** Writes control sequences; only asked of a terminal. */
  raw(text: string): void;
  readonly interactive: boolean;
  size(): { readonly columns: number; readonly rows: number };
}

/** Shows the demo's moments: a table that is redrawn on a terminal, plain lines elsewhere. */
export interface Screen {
  show(snapshot: Snapshot, fresh: readonly Happening[]): void;
  /** Leaves what is drawn standing and continues below it. */
  close(): void;
}

const HOME = '\u001B[H';
const CLEAR_SCREEN = '\u001B[2J';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
/** Plain output tells the grids this often, in hours. */
const GRIDS_EVERY = 6;

export function createScreen(terminal: Terminal): Screen {
  return terminal.interactive ? liveScreen(terminal) : plainScreen(terminal);
}

function liveScreen(terminal: Terminal): Screen {
  let drawn = false;
  return {
    show(snapshot) {
      const { columns, rows } = terminal.size();
      const lines = renderTable(snapshot, columns).slice(0, Math.max(1, rows - 1));
      // Drawn over in place: clearing the whole screen at every hour would flicker.
      const start = drawn ? HOME : HIDE_CURSOR + CLEAR_SCREEN + HOME;
      terminal.raw(start + lines.map((line) => `${line}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW);
      drawn = true;
    },
    close() {
      if (drawn) terminal.raw(SHOW_CURSOR);
    },
  };
}

function plainScreen(terminal: Terminal): Screen {
  let told = -1;
  return {
    show(snapshot, fresh) {
      if (snapshot.hour % GRIDS_EVERY === 0 && snapshot.hour !== told) {
        told = snapshot.hour;
        const grids = snapshot.clusters
          .map(({ name, gramsPerKwh }) => `${name} ${gramsPerKwh === null ? '-' : Math.round(gramsPerKwh)}`)
          .join(', ');
        terminal.line(`${timeText(snapshot.at)}  g/kWh: ${grids}`);
      }
      for (const { at, workload, text, detail } of fresh) {
        terminal.line(`${timeText(at)}  ${workload}: ${detail ?? text}`);
      }
    },
    close() {},
  };
}
