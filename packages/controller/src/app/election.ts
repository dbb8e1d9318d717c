import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '@windvane/carbon-map';
import type { KubeApi } from '../kube/api.ts';
import { KubeError } from '../kube/errors.ts';
import { createLeaseElector, type LeaseElector, type LeaseName } from '../kube/lease.ts';
import type { Plane } from '../planes/plane.ts';
import type { ControllerLog } from './controller.ts';

export interface ElectionOptions {
  readonly api: KubeApi;
  readonly lease: LeaseName;
  /** Whether leading makes sense on that server. */
  readonly mayRun: (api: KubeApi) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: ControllerLog;
}

/** Which of several replicas writes on one hub. */
export interface Election {
  readonly leading: () => boolean;
  /** The same API, which refuses every write while another replica leads. */
  readonly gate: (api: KubeApi) => KubeApi;
  /** Runs the election as long as the plane runs, and wakes the plane when it is won. */
  elect(plane: Plane): Plane;
}

/**
 * Elects the replica that writes. One that loses the Lease writes nothing from that moment on, goes on serving what the
 * leader writes, and stands for election again.
 */
export function createElection({ api, lease, mayRun, clock, log }: ElectionOptions): Election {
  const holder = `${hostname()}_${randomUUID()}`;
  let elector: LeaseElector | null = null;
  let plane: Plane | null = null;
  let latest: Parameters<Plane['mapChanged']> | null = null;
  let stopped = false;

  const leading = (): boolean => elector?.leading() ?? false;

  function stand(): void {
    if (stopped) return;
    elector = createLeaseElector({
      api,
      lease,
      holder,
      clock,
      mayRun: () => mayRun(api),
      elected() {
        log.info({ lease: lease.name, holder }, 'this replica leads');
        if (latest !== null) plane?.mapChanged(...latest);
      },
      lost(reason) {
        log.error({ lease: lease.name, holder, reason }, 'this replica no longer leads and writes nothing');
        stand();
      },
      failed: (error) => log.warn({ lease: lease.name, error: String(error) }, 'the election is tried again'),
    });
    elector.start();
  }

  function allow(): void {
    if (!leading()) throw new KubeError('aborted', 'another replica leads: this one writes nothing');
  }

  return {
    leading,
    gate: (open) => ({
      ...open,
      async create(...args) {
        allow();
        return open.create(...args);
      },
      async replace(...args) {
        allow();
        return open.replace(...args);
      },
      async apply(...args) {
        allow();
        return open.apply(...args);
      },
      async mergePatch(...args) {
        allow();
        return open.mergePatch(...args);
      },
      async jsonPatch(...args) {
        allow();
        return open.jsonPatch(...args);
      },
      async delete(...args) {
        allow();
        await open.delete(...args);
      },
    }),
    elect(elected) {
      plane = elected;
      return {
        ...elected,
        async start() {
          await elected.start();
          stand();
        },
        async stop() {
          stopped = true;
          // Writes under way end before another replica may begin.
          await elected.stop();
          await elector?.stop();
        },
        mapChanged(...next) {
          latest = next;
          elected.mapChanged(...next);
        },
      };
    },
  };
}
