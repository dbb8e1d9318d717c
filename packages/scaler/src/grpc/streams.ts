import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Clock, Millis } from '@windvane/carbon-map';
import { TICK } from '../policy/decider.ts';
import type { GetMetricSpecResponse, IsActiveResponse, ScaledObjectRef } from './generated/externalscaler.ts';
import type { StreamRegistry } from './service.ts';

export interface Streams extends StreamRegistry {
  readonly size: number;
  /** Ends every stream with OK. KEDA reconnects without a pause then. */
  end(): void;
}

interface OpenStream {
  readonly tell: () => void;
  readonly end: () => void;
}

/**
 * Open streams. The state is sent at the opening and at every change; `true` also at every tick, because KEDA drops one
 * that comes before it knows the object's metrics. Each stream is ended after `maxAge`, with OK: KEDA opens it anew,
 * perhaps to another pod, before the age of its connection would break it off.
 */
export function createStreams(clock: Clock, maxAge: Millis): Streams {
  const open = new Set<OpenStream>();
  let ended = false;
  let cancelTick: (() => void) | null = null;

  function refresh(): void {
    for (const { tell } of open) tell();
  }

  function schedule(): void {
    cancelTick ??= clock.after(TICK - (clock.now() % TICK), () => {
      cancelTick = null;
      refresh();
      if (open.size > 0) schedule();
    });
  }

  function keep(
    call:
      | ServerWritableStream<ScaledObjectRef, IsActiveResponse>
      | ServerWritableStream<ScaledObjectRef, GetMetricSpecResponse>,
    tell: () => void,
  ): void {
    const stream: OpenStream = {
      tell,
      end() {
        open.delete(stream);
        cancelAge();
        call.end();
      },
    };
    const cancelAge = clock.after(maxAge, () => stream.end());
    open.add(stream);
    call.on('cancelled', () => stream.end());
    call.on('error', () => stream.end());
    tell();
    if (ended) stream.end();
    else schedule();
  }

  return {
    get size() {
      return open.size;
    },
    keepActive(call, isActive) {
      let told: boolean | null = null;
      keep(call, () => {
        const result = isActive();
        if (result || told !== result) call.write({ result });
        told = result;
      });
    },
    keepSpec: (call) => keep(call, () => {}),
    end() {
      ended = true;
      cancelTick?.();
      for (const stream of open) stream.end();
    },
  };
}
