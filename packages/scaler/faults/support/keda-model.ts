/*
 * What KEDA and the autoscaler make of a trigger that says 10 or 0, by their documentation alone: no code of the
 * stand-ins. Minimum 0, maximum 10, target 1 on average; cooldown, behaviour and intervals as they are by default.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */

const SECOND = 1_000;
const SYNC = 15 * SECOND;
const COOLDOWN = 300 * SECOND;
/** The autoscaler goes down when nothing within this time asked for more. */
const STABILIZATION = 300 * SECOND;
const MOST = 10;

interface State {
  readonly replicas: number;
  /** When a poll, and when the autoscaler, last saw that work may run. */
  readonly activeAt: number;
  readonly wantedAt: number;
}

/** A turn of KEDA's scale loop: between 0 and 1. */
function poll(state: State, at: number, allowed: boolean): State {
  if (allowed) return { ...state, replicas: Math.max(1, state.replicas), activeAt: at };
  return at > state.activeAt + COOLDOWN ? { ...state, replicas: 0 } : state;
}

/** A turn of the autoscaler, which is off at 0: up by four or to the double, down at once when it may. */
function sync(state: State, at: number, allowed: boolean): State {
  const { replicas, wantedAt } = state;
  if (replicas === 0) return state;
  if (allowed) {
    return { ...state, wantedAt: at, replicas: Math.min(MOST, Math.max(replicas + 4, replicas * 2)) };
  }
  return wantedAt > at - STABILIZATION ? state : { ...state, replicas: 1 };
}

export interface KedaModel {
  /** Whether a Deployment may have so many replicas after the poll at `at`. Ask for every poll, in their order. */
  agrees(at: number, replicas: number): boolean;
}

/**
 * Where a poll and a turn of the autoscaler fall on one instant, either may come first: both are followed until a poll
 * shows which it was. Everywhere else there is one answer.
 *
 * @param start of the first poll and of the first turn of the autoscaler
 * @param allowed whether work may run at an instant
 */
export function createKedaModel(start: number, allowed: (at: number) => boolean): KedaModel {
  let states: readonly State[] = [{ replicas: 0, activeAt: -Infinity, wantedAt: -Infinity }];
  let next = start;

  return {
    agrees(at, replicas) {
      for (; next < at; next += SYNC) {
        const open = allowed(next);
        const now = next;
        states = states.map((state) => sync(state, now, open));
      }
      const open = allowed(at);
      const syncs = next === at;
      if (syncs) next += SYNC;
      const ends = states.flatMap((state) => {
        const polled = poll(state, at, open);
        if (!syncs) return [{ seen: polled.replicas, end: polled }];
        const last = poll(sync(state, at, open), at, open);
        return [
          { seen: polled.replicas, end: sync(polled, at, open) },
          { seen: last.replicas, end: last },
        ];
      });
      const seen = ends.filter((each) => each.seen === replicas);
      const kept = (seen.length > 0 ? seen : ends).map(({ end }) => end);
      states = [...new Map(kept.map((state) => [JSON.stringify(state), state])).values()];
      return seen.length > 0;
    },
  };
}
