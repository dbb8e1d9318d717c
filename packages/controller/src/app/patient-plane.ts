import type { Clock, Millis } from '@windvane/carbon-map';
import type { Plane } from '../planes/plane.ts';
import { MissingKindError } from '../planes/shared/world.ts';
import type { ControllerLog } from './controller.ts';

/** How often a hub that is not set up yet is looked at again. */
const RETRY: Millis = 30_000;

/**
 * A plane beside others: while its API server lacks the kinds that make it one (they are being installed, or have been
 * removed), it is told as a problem and looked at again, and the other planes work on. Any other failure to start is
 * passed on.
 */
export function patient(plane: Plane, clock: Clock, log: ControllerLog): Plane {
  let missing: string | null = null;
  let cancel = (): void => {};
  let stopped = false;

  async function start(): Promise<void> {
    try {
      await plane.start();
      if (missing !== null) log.info({ plane: plane.kind, hub: plane.hub }, 'plane started');
      missing = null;
    } catch (error) {
      if (!(error instanceof MissingKindError)) throw error;
      if (missing === null) log.warn({ plane: plane.kind, hub: plane.hub }, error.message);
      missing = error.message;
      again();
    }
  }

  function again(): void {
    if (stopped) return;
    cancel = clock.after(RETRY, () => {
      start().catch((error: unknown) => {
        log.error({ plane: plane.kind, hub: plane.hub, error: String(error) }, 'the plane cannot start');
        again();
      });
    });
  }

  return {
    ...plane,
    start,
    async stop() {
      stopped = true;
      cancel();
      await plane.stop();
    },
    problem: () => missing ?? plane.problem(),
  };
}
