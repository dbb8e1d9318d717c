import { type Clock, MINUTE, type Millis } from '@windvane/carbon-map';
import {
  createLeaseElector,
  isKubeError,
  type KubeApi,
  LEASE,
  type LeaseElector,
} from '@windvane/controller/kube';

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
      failed: (error) => failed(withRemedy(error, namespace)),
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

/** Whether there may be a leader at all. Writes nothing; rejects with what keeps every pod from it. */
export async function tryElection(api: Pick<KubeApi, 'create'>, namespace: string): Promise<void> {
  try {
    await api.create(LEASE, { metadata: { namespace, name: SCALER_LEASE }, spec: {} }, { dryRun: true });
  } catch (error) {
    if (!isKubeError(error, 'already-exists')) throw withRemedy(error, namespace);
  }
}

/** A namespace that is not there, or somebody else's, is for the operator to mend. */
function withRemedy(error: unknown, namespace: string): unknown {
  if (!isKubeError(error, 'not-found', 'forbidden')) return error;
  const found = isKubeError(error, 'not-found')
    ? `the namespace ${namespace} is not there`
    : `the Lease ${SCALER_LEASE} in the namespace ${namespace} may not be written`;
  return new Error(
    `${found}, and without a leader gated Jobs stay suspended and no Events are written: set WINDVANE_NAMESPACE to where the scaler runs, or apply deploy/scaler`,
    { cause: error },
  );
}
