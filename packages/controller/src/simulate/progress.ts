import type { Writable } from 'node:stream';

/** Where a long run says how far it is. */
export interface Progress {
  readonly advance: (done: number, of: number) => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

const WIDTH = 30;
const ERASE_LINE = '\r\u001B[K';

/** A bar on a terminal, drawn once per percent; nothing at all elsewhere. */
export function createProgress(stream: Writable & { readonly isTTY?: boolean }): Progress {
  if (stream.isTTY !== true) return { advance: () => {}, end: () => {} };
  let shown = -1;
  return {
    advance(done, of) {
      const percent = of > 0 ? Math.floor((100 * done) / of) : 100;
      if (percent === shown) return;
      shown = percent;
      const full = Math.round((percent * WIDTH) / 100);
      stream.write(
        `${ERASE_LINE}simulating ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(percent).padStart(3)} %`,
      );
    },
    end() {
      if (shown >= 0) stream.write(ERASE_LINE);
      shown = -1;
    },
  };
}
