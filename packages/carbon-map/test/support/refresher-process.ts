/*
 * A process that refreshes a map on a shared Redis, as a hub does, until it is killed.
 * node refresher-process.ts URL PREFIX HOLDER: prints one JSON line per answer of its provider, per version that it hears
 * of, per fault, and twice a second which version it serves.
 */
import {
  createLocationResolver,
  createRedisStore,
  createRefresher,
  SECOND,
  systemClock,
} from '../../src/index.ts';
import { fakeProvider } from './fake-provider.ts';

const [url = '', prefix = '', holder = ''] = process.argv.slice(2);
const print = (line: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ holder, at: Date.now(), ...line })}\n`);
};

const store = await createRedisStore({ url, prefix });
const grid = fakeProvider('grid', { DE: 400 });
const refresher = createRefresher({
  zones: () => ['DE'],
  chain: () => [
    {
      ...grid,
      latest: async (zone, at) => {
        print({ asked: zone });
        return grid.latest(zone, at);
      },
    },
  ],
  store,
  clock: systemClock,
  locations: createLocationResolver(),
  holder,
  interval: SECOND / 2,
  onError: (error) => print({ error: String(error) }),
});
store.subscribe(() => {
  void store.read().then((map) => print({ read: map?.version ?? 0 }));
});
refresher.start();
// What somebody who asks now is served; timers of the clock would not keep a process alive.
setInterval(() => void store.read().then((map) => print({ served: map?.version ?? 0 })), SECOND / 2);
