import { setImmediate as turn } from 'node:timers/promises';

/** What has to be at rest. */
export interface Activity {
  /** Nothing is queued or running inside. */
  idle(): boolean;
  /** Changes whenever anything is written. */
  version(): unknown;
}

/**
 * Turns of the event loop without any activity that count as rest. All talk is over loopback sockets of this one
 * process: what one side has sent is there for the other at its next turn, however slow the machine. One exchange
 * takes under ten turns.
 */
const QUIET_TURNS = 24;
/** Far more than any hour of the demo takes; reaching it is a fault, and better told than waited for. */
const TURN_LIMIT = 400_000;

/** Waits until everything is at rest. Throws when that does not come. */
export async function settled(activity: Activity): Promise<void> {
  let quiet = 0;
  let version = activity.version();
  for (let turns = 0; turns < TURN_LIMIT; turns += 1) {
    if (quiet >= QUIET_TURNS) return;
    await turn();
    const next = activity.version();
    quiet = activity.idle() && next === version ? quiet + 1 : 0;
    version = next;
  }
  throw new Error('the demo does not come to rest: something writes without end');
}
