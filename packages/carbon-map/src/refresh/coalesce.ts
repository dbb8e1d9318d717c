import type { Forecast, Reading } from '../model/reading.ts';
import type { CarbonProvider } from '../provider/provider.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly aborter: AbortController;
  waiting: number;
}

/** One kind of question; equal ones asked at the same time share an answer. */
type Desk<T> = (
  question: string,
  abort: AbortSignal | undefined,
  ask: (abort: AbortSignal) => Promise<T>,
) => Promise<T>;

function createDesk<T>(): Desk<T> {
  const flights = new Map<string, Flight<T>>();

  function start(question: string, ask: (abort: AbortSignal) => Promise<T>): Flight<T> {
    const aborter = new AbortController();
    const result = ask(aborter.signal).finally(() => {
      if (flights.get(question) === flight) flights.delete(question);
    });
    const flight: Flight<T> = { result, aborter, waiting: 0 };
    flights.set(question, flight);
    return flight;
  }

  return async (question, abort, ask) => {
    const there = flights.get(question);
    const flight = there === undefined || there.aborter.signal.aborted ? start(question, ask) : there;
    flight.waiting += 1;
    const leave = (): void => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.aborter.abort(abort?.reason);
    };
    if (abort?.aborted === true) leave();
    abort?.addEventListener('abort', leave, { once: true });
    try {
      return await flight.result;
    } finally {
      abort?.removeEventListener('abort', leave);
    }
  };
}

/**
 * The same provider, of which equal questions asked at the same time become one request. The request is given up when all
 * who wait for it gave up.
 */
export function withCoalescing(provider: CarbonProvider): CarbonProvider {
  const latest = createDesk<Reading>();
  const forecast = createDesk<Forecast | null>();
  const history = createDesk<readonly Reading[]>();
  return {
    name: provider.name,
    pair: provider.pair,
    countsAsFresh: provider.countsAsFresh,
    covers: (zone) => provider.covers(zone),
    latest: (zone, at, abort) =>
      latest(`${zone} ${at}`, abort, (signal) => provider.latest(zone, at, signal)),
    forecast: (zone, at, horizon, abort) =>
      forecast(`${zone} ${at} ${horizon}`, abort, (signal) => provider.forecast(zone, at, horizon, signal)),
    history: (zone, from, to, abort) =>
      history(`${zone} ${from} ${to}`, abort, (signal) => provider.history(zone, from, to, signal)),
  };
}
