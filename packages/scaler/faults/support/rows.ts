import { DAY, HOUR, MINUTE } from '@windvane/carbon-map';
import { connectKeda } from '../../test/support/keda.ts';
import { startWorld, truth, type World } from './world.ts';

/** What went wrong, and what has to be answered all the same. */
export interface FaultRow {
  readonly name: string;
  /** Done before the polls begin. */
  readonly strike: (world: World) => Promise<void>;
  /** Done after the polls of these hours after it. */
  readonly later?: Readonly<Record<number, (world: World) => void>>;
  /** Hours of polls after it (20: a night and a morning). */
  readonly hours?: number;
  /**
   * What the answer has to be so many hours after it: `grid` follows the grid at the time that the scaler's clock
   * shows, `run` and `held` do not. By default the grid.
   */
  readonly expected?: (hour: number) => 'grid' | 'run' | 'held';
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

/** Hub and provider dead, disk wiped, a clock that is three days ahead. */
async function everything(world: World): Promise<void> {
  hubDead(world);
  providerDead(world);
  world.clock.jump(3 * DAY);
  await world.restart({ wiped: true });
}

/** Meanwhile the clock is set back to nine hours behind. */
const backAfterSixHours: FaultRow['later'] = {
  3: (world) => world.clock.jump(-3 * DAY - 9 * HOUR),
  6: (world) => {
    world.health.hub = true;
    world.health.provider = true;
  },
};

/** From noon into the next clean hours, back, into the last ones, back, beyond every forecast, and back. */
const JUMPS: FaultRow['later'] = {
  1: (world) => world.clock.jump(11 * HOUR),
  3: (world) => world.clock.jump(-11 * HOUR),
  5: (world) => world.clock.jump(-12 * HOUR),
  6: (world) => world.clock.jump(12 * HOUR),
  8: (world) => world.clock.jump(3 * DAY),
  10: (world) => world.clock.jump(-3 * DAY),
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
      world.clock.jump(DAY);
    },
  },
  {
    name: 'clock jumps ahead and back',
    strike: async () => {},
    later: JUMPS,
    // Three days ahead no forecast reaches; the last that one says is dirty.
    expected: (hour) => (hour > 8 && hour <= 10 ? 'held' : 'grid'),
  },
  {
    name: 'clock jumps ahead and back, hub and provider dead',
    async strike(world) {
      hubDead(world);
      providerDead(world);
    },
    later: JUMPS,
    expected: (hour) => (hour > 8 && hour <= 10 ? 'held' : 'grid'),
  },
  {
    name: 'clock a day behind with its own source alone, then set',
    async strike(world) {
      hubDead(world);
      providerDead(world);
      await world.restart({ wiped: true });
    },
    later: {
      2: (world) => world.clock.jump(-DAY),
      4: (world) => {
        world.health.provider = true;
      },
      10: (world) => world.clock.jump(DAY),
    },
    // Nothing is known, and readings that come from the future are not believed until the clock is set right.
    expected: (hour) => (hour <= 10 ? 'run' : 'grid'),
  },
  {
    name: 'all at once for six hours: keep',
    strike: everything,
    later: backAfterSixHours,
    // Nothing is known: work is not held for a reason that nobody knows.
    expected: (hour) => (hour <= 6 ? 'run' : 'grid'),
  },
  {
    name: 'all at once for six hours: pause',
    strike: everything,
    later: backAfterSixHours,
    onMissingData: 'pause',
    expected: (hour) => (hour <= 6 ? 'held' : 'grid'),
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
    for (let hour = 0; hour < hours; hour += 0.5) {
      const at = world.clock.now();
      polls += 1;
      try {
        const { value, active, target } = await keda.poll(trigger);
        const must = expected(hour) === 'grid' ? truth(at) < 150 : expected(hour) === 'run';
        if (active !== must || value !== (must ? 10 : 0) || target !== 1) wrong += 1;
        if (active) allowed += 1;
        const { origin, reason } = world.scaler().decider.decide(trigger);
        const key = `${origin ?? 'nothing'} ${reason}`;
        from.set(key, (from.get(key) ?? 0) + 1);
      } catch {
        errors += 1;
      }
      row.later?.[hour]?.(world);
      world.clock.advance(30 * MINUTE);
      await world.refresh();
    }
    return { row, polls, errors, wrong, allowed, from };
  } finally {
    keda.close();
    await world.stop();
  }
}
