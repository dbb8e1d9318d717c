import { type Clock, systemClock } from '@windvane/carbon-map';
import type { KubeRequest, Transport } from './transport.ts';

export interface RequestLimits {
  /** Requests under way at once; watches do not count. */
  readonly inFlight: number;
  /** Writes per second, sustained. The defaults are those of Kubernetes' own clients. */
  readonly writesPerSecond: number;
  readonly writeBurst: number;
}

const defaults: RequestLimits = { inFlight: 16, writesPerSecond: 20, writeBurst: 30 };

/** Bounds what one process asks of an API server. Waiting requests are served in the order in which they came. */
export function limited(
  transport: Transport,
  limits: Partial<RequestLimits> = {},
  clock: Clock = systemClock,
): Transport {
  const { inFlight, writesPerSecond, writeBurst } = { ...defaults, ...limits };
  const waiting: { write: boolean; go: () => void }[] = [];
  let running = 0;
  let tokens = writeBurst;
  let filledAt = clock.now();
  let timer: (() => void) | null = null;

  function refill(): void {
    const now = clock.now();
    tokens = Math.min(writeBurst, tokens + (Math.max(0, now - filledAt) * writesPerSecond) / 1000);
    filledAt = now;
  }

  function pump(): void {
    refill();
    for (let next = waiting[0]; next !== undefined && running < inFlight; next = waiting[0]) {
      if (next.write && tokens < 1) {
        timer ??= clock.after(Math.ceil(((1 - tokens) * 1000) / writesPerSecond), () => {
          timer = null;
          pump();
        });
        return;
      }
      if (next.write) tokens -= 1;
      running += 1;
      waiting.shift();
      next.go();
    }
  }

  return {
    server: transport.server,
    async json(request: KubeRequest) {
      await new Promise<void>((go) => {
        waiting.push({ write: request.method !== 'GET', go });
        pump();
      });
      try {
        return await transport.json(request);
      } finally {
        running -= 1;
        pump();
      }
    },
    lines: (request) => transport.lines(request),
  };
}
