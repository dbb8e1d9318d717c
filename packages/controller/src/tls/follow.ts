import { type Clock, type Millis, SECOND } from '@windvane/carbon-map';

/** Something that is read from files which may be replaced at any time, as Kubernetes does with a mounted Secret. */
export interface FollowOptions<T> {
  /** Reads all of it. Throws for files that cannot be used, torn ones included. */
  readonly load: () => Promise<T>;
  readonly same: (now: T, before: T) => boolean;
  readonly clock: Clock;
  /** Between looks at the files (10 s). */
  readonly every?: Millis;
  /** Told of what took the place of what was there before. */
  readonly replaced: (now: T) => void;
  /** Told, once, why files cannot be used: what was there before stays in use. */
  readonly refused: (reason: string) => void;
}

export interface Followed<T> {
  current(): T;
  stop(): void;
}

/** Reads files and follows them from then on. Rejects as `load` does when they cannot be used at the start. */
export async function follow<T>(options: FollowOptions<T>): Promise<Followed<T>> {
  const { load, same, clock, every = 10 * SECOND } = options;
  let loaded = await load();
  let refused = '';
  let stopped = false;
  let cancel = schedule();

  async function look(): Promise<void> {
    try {
      const next = await load();
      if (stopped) return;
      refused = '';
      if (same(next, loaded)) return;
      loaded = next;
      options.replaced(next);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== refused) options.refused(reason);
      refused = reason;
    } finally {
      cancel = schedule();
    }
  }

  function schedule(): () => void {
    return stopped ? () => {} : clock.after(every, () => void look());
  }

  return {
    current: () => loaded,
    stop() {
      stopped = true;
      cancel();
    },
  };
}
