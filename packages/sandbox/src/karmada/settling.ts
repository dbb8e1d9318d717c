import type { Hub } from './client/hub.ts';
import type { KarmadaStandInOptions } from './options.ts';

interface Settling {
  idle(): boolean;
  settled(): Promise<void>;
}

/** Turns of the event loop between two looks at a system that is still busy. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function shortPause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

/**
 * Tells when all is quiet. Our own writes are followed until they come back through the watches; whether the
 * writes of others have arrived is known only by comparing with the server, which is done once per version of
 * it where that version is known.
 */
export function createSettling(
  options: Pick<KarmadaStandInOptions, 'resourceVersion'>,
  hub: Hub,
  quiet: () => boolean,
): Settling {
  let confirmed: string | number | undefined;
  let confirming = false;

  const resting = (): boolean => quiet() && hub.caughtUp();

  const confirm = async (version: string | number): Promise<void> => {
    confirming = true;
    try {
      if ((await hub.matchesServer()) && resting()) confirmed = version;
    } catch {
      // A server that is away confirms nothing; the next look asks again.
    } finally {
      confirming = false;
    }
  };

  return {
    idle() {
      if (!resting() || confirming) return false;
      const version = options.resourceVersion?.();
      if (version === undefined || version === confirmed) return true;
      void confirm(version);
      return false;
    },
    async settled() {
      for (;;) {
        while (!resting()) await shortPause();
        if ((await hub.matchesServer()) && resting()) {
          await nextTurn();
          if (resting()) return;
        }
      }
    },
  };
}
