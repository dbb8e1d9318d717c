import { type Clock, MINUTE, type Millis } from '@windvane/carbon-map';
import { createLeaseElector, type KubeApi, type LeaseElector } from '@windvane/controller/kube';

export interface LeadershipOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Unique among the pods. */
  readonly holder: string;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
}

/** Of several pods the one that writes. Answering KEDA needs no leader. */
export interface Leadership {
  readonly leading: () => boolean;
  stop(): Promise<void>;
}

const SCALER_LEASE = 'windvane-scaler';
/** After a lost lease, before the next candidacy. */
const AGAIN: Millis = MINUTE / 4;

/** Stands for election, and again after every loss. */
export function standForElection(options: LeadershipOptions): Leadership {
  const { api, namespace, holder, clock, failed } = options;
  let elector: LeaseElector;
  let stopped = false;

  function stand(): void {
    elector = createLeaseElector({
      api,
      lease: { namespace, name: SCALER_LEASE },
      holder,
      clock,
      elected: () => {},
      lost: () => {
        if (!stopped) clock.after(AGAIN, () => (stopped ? undefined : stand()));
      },
      failed,
    });
    elector.start();
  }

  stand();
  return {
    leading: () => elector.leading(),
    async stop() {
      stopped = true;
      await elector.stop();
    },
  };
}
