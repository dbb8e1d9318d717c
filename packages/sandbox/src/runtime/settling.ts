import type { Hub } from './client/hub.ts';

interface Settling {
  idle(): boolean;
  settled(): Promise<void>;
}

/** Looks that follow one another at once, before a pause is made between them: most answers are there by then. */
const EAGER_LOOKS = 50;

/** Between two looks at a system that is still busy. */
function shortPause(look: number): Promise<void> {
  return new Promise((resolve) => {
    if (look < EAGER_LOOKS) setImmediate(resolve);
    else setTimeout(resolve, 2);
  });
}

/** Versions of an API server in this process. */
export interface Versions {
  /** Of the newest change of anything. */
  (): string | number;
  /** Of the newest change of one resource, where that is known; 0 when there was none. */
  readonly of?: (resource: { readonly apiVersion: string; readonly plural: string }) => number;
}

/**
 * Tells when all is quiet. Our own writes are followed until they come back through the watches; whether the
 * writes of others have arrived is known at once where the server tells the newest version of each resource, else
 * only by comparing with the server, which is done once per version of it where that version is known.
 */
export function createSettling(
  options: { readonly resourceVersion?: Versions },
  hub: Hub,
  quiet: () => boolean,
): Settling {
  let confirmed: string | number | undefined;
  let confirming = false;

  const newest = options.resourceVersion?.of;
  const resting = (): boolean => quiet() && hub.caughtUp();

  /** Whether everything up to this moment has been seen and dealt with. */
  const confirm = async (): Promise<boolean> => {
    const version = options.resourceVersion?.();
    if (!(await hub.matchesServer()) || !resting()) return false;
    confirmed = version;
    return true;
  };

  const confirmInBackground = async (): Promise<void> => {
    confirming = true;
    try {
      await confirm();
    } catch {
      // A server that is away confirms nothing; the next look asks again.
    } finally {
      confirming = false;
    }
  };

  if (newest !== undefined) {
    const idle = (): boolean => resting() && hub.hasSeen(newest);
    return {
      idle,
      async settled() {
        for (let look = 0; !idle(); look += 1) await shortPause(look);
      },
    };
  }
  return {
    idle() {
      if (!resting() || confirming) return false;
      const version = options.resourceVersion?.();
      if (version === undefined || version === confirmed) return true;
      void confirmInBackground();
      return false;
    },
    async settled() {
      for (;;) {
        for (let look = 0; !resting(); look += 1) await shortPause(look);
        const version = options.resourceVersion?.();
        if (version !== undefined && version === confirmed) return;
        if (await confirm()) return;
      }
    },
  };
}
