import {
  type CarbonProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createVirtualClock,
  type MapStore,
  type Refresher,
  type RefresherOptions,
  type VirtualClock,
} from '../../src/index.ts';
import { NOON } from './fixtures.ts';

const locations = createLocationResolver();

/** A store in a time of its own, and refreshers of it. */
export interface World {
  readonly clock: VirtualClock;
  readonly store: MapStore;
  readonly errors: unknown[];
  readonly refresher: (chain: readonly CarbonProvider[], more?: Partial<RefresherOptions>) => Refresher;
}

export function world(): World {
  const clock = createVirtualClock(NOON);
  const store = createMemoryStore({ clock });
  const errors: unknown[] = [];
  return {
    clock,
    store,
    errors,
    refresher: (chain, more = {}) =>
      createRefresher({
        zones: () => ['DE', 'FR'],
        chain: () => chain,
        store,
        clock,
        locations,
        holder: 'a',
        onError: (error) => errors.push(error),
        ...more,
      }),
  };
}

/** Lets everything that is ready run, without time going by. */
export const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
