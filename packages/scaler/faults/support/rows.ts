import { DAY, HOUR, type Instant, MINUTE } from '@windvane/carbon-map';
import { connectKeda } from '../../test/support/keda.ts';
import { startWorld, truth, type World } from './world.ts';

/** What went wrong, and what has to be answered all the same. */
export interface FaultRow {
  readonly name: string;
  /** Done before the polls begin. */
  readonly strike: (world: World) => Promise<void>;
  /** Hours of polls after it (20: a night and a morning). */
  readonly hours?: number;
  /**
   * What the answer has to be at an instant: `grid` follows the grid as it is, `run` and `held` do not.
   * By default the grid.
   */
  readonly expected?: (at: Instant) => 'grid' | 'run' | 'held';
  /** `onMissingData` of the trigger (`keep`). */
  readonly onMissingData?: string;
}

export interface FaultOutcome {
  readonly row: FaultRow;
  readonly polls: number;
  /** Polls of which a call failed. */
  readonly errors: number;
  /** Polls that were not answered as they had to be. */
  readonly wrong: number;
  /** Polls with replicas. */
  readonly allowed: number;
  /** Polls by where the numbers came from and the reason. */
  readonly from: ReadonlyMap<string, number>;
}

const restarted = async (world: World): Promise<void> => world.restart();
const hubDead = (world: World): void => {
  world.health.hub = false;
};
const providerDead = (world: World): void => {
  world.health.provider = false;
};

export const ROWS: readonly FaultRow[] = [
  { name: 'nothing wrong', strike: async () => {} },
  { name: 'restart', strike: restarted },
  { name: 'hub dead', strike: async (world) => hubDead(world), hours: 6 },
  {
    name: 'hub dead, restart',
    async strike(world) {
      hubDead(world);
      await world.restart();
    },
    hours: 36,
  },
  { name: 'provider dead', strike: async (world) => providerDead(world) },
  {
    name: 'hub and provider dead',
    async strike(world) {
      hubDead(world);
      providerDead(world);
    },
    hours: 36,
  },
  {
    name: 'hub dead, disk wiped, restart',
    async strike(world) {
      hubDead(world);
      await world.restart({ wiped: true });
    },
  },
  {
    name: 'all sources dead, beyond the forecast: keep',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      world.clock.advance(60 * HOUR);
    },
    // The forecast ended at 13:00 two days later: dirty.
    expected: () => 'held',
  },
  {
    name: 'all sources dead, beyond the forecast: run',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      world.clock.advance(60 * HOUR);
    },
    onMissingData: 'run',
    expected: () => 'run',
  },
  {
    name: 'clock a day ahead, hub dead',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      world.clock.advance(DAY);
    },
  },
  {
    name: 'all at once: keep',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      world.clock.advance(3 * DAY);
      await world.restart({ wiped: true });
    },
    // Nothing was ever known: work is not held for a reason that nobody knows.
    expected: () => 'run',
  },
  {
    name: 'all at once: pause',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      world.clock.advance(3 * DAY);
      await world.restart({ wiped: true });
    },
    onMissingData: 'pause',
    expected: () => 'held',
  },
  {
    name: 'all at once, then everything back',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      await world.restart({ wiped: true });
      world.health.hub = true;
      world.health.provider = true;
      world.clock.advance(10 * MINUTE);
      await world.refresh();
      world.clock.advance(MINUTE);
    },
  },
];

/** One row: a fresh scaler, half an hour of health, the fault, then a poll every half hour. */
export async function runRow(row: FaultRow): Promise<FaultOutcome> {
  const world = await startWorld();
  const keda = connectKeda(world.address, { client: { 'grpc.initial_reconnect_backoff_ms': 20 } });
  const { onMissingData = 'keep', hours = 20, expected = () => 'grid' } = row;
  const metadata = { targetValue: '150', location: 'de', maxReplicas: '10', onMissingData };
  const trigger = { namespace: 'ai', name: 'train', metadata };
  const from = new Map<string, number>();
  let [polls, errors, wrong, allowed] = [0, 0, 0, 0];
  try {
    await keda.poll(trigger);
    world.clock.advance(30 * MINUTE);
    await world.refresh();
    await row.strike(world);
    const until = world.clock.now() + hours * HOUR;
    while (world.clock.now() < until) {
      const at = world.clock.now();
      polls += 1;
      try {
        const { value, active, target } = await keda.poll(trigger);
        const must = expected(at) === 'grid' ? truth(at) < 150 : expected(at) === 'run';
        if (active !== must || value !== (must ? 10 : 0) || target !== 1) wrong += 1;
        if (active) allowed += 1;
        const { origin, reason } = world.scaler().decider.decide(trigger);
        const key = `${origin ?? 'nothing'} ${reason}`;
        from.set(key, (from.get(key) ?? 0) + 1);
      } catch {
        errors += 1;
      }
      world.clock.advance(30 * MINUTE);
      await world.refresh();
    }
    return { row, polls, errors, wrong, allowed, from };
  } finally {
    keda.close();
    await world.stop();
  }
}
