import type { Clock, Instant, Millis } from '@windvane/carbon-map';
import { z } from 'zod';
import type { KubeApi } from './api.ts';
import { isKubeError } from './errors.ts';
import type { KubeObject, ResourceType } from './resource.ts';

export const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

type LeaseApi = Pick<KubeApi, 'get' | 'create' | 'replace' | 'delete'>;

export interface LeaseElectorOptions {
  readonly api: LeaseApi;
  readonly lease: LeaseName;
  /** Unique among all that may ever hold it. */
  readonly holder: string;
  readonly clock: Clock;
  /** How long others wait after the last renewal (15 s). The holder itself gives up after two thirds of it. */
  readonly duration?: Millis;
  /** Between attempts to renew or to take it (a fifth of the duration). */
  readonly retryEvery?: Millis;
  /** Asked before it is taken, not before it is renewed (always). */
  readonly mayRun?: () => Promise<boolean>;
  readonly elected: () => void;
  /** It was held and is no longer: whoever acted under it must stop. Told once; the elector has ended then. */
  readonly lost: (reason: string) => void;
  /** An attempt failed; it is made again. */
  readonly failed?: (error: unknown) => void;
}

/** One of several processes that want to be the only one to act. */
export interface LeaseElector {
  start(): void;
  /** Whether acting is allowed now. False by itself once renewals fail for too long. */
  leading(): boolean;
  /** Ends the election, and gives the Lease up if it is held. */
  stop(): Promise<void>;
}

/** `spec` of a Lease (coordination.k8s.io/v1), as far as it is read. */
const schema = z.object({
  holderIdentity: z.string().nullish(),
  leaseDurationSeconds: z.number().nullish(),
  leaseTransitions: z.number().nullish(),
});
type LeaseSpec = z.infer<typeof schema>;

/** metav1.MicroTime */
const microTime = (at: Instant): string => new Date(at).toISOString().replace('Z', '000Z');

const specOf = (lease: KubeObject): LeaseSpec => schema.safeParse(lease.spec ?? {}).data ?? {};

function heldBy(holder: string, before: KubeObject | null, now: Instant, duration: Millis): unknown {
  const spec = before === null ? {} : specOf(before);
  const transitions = spec.leaseTransitions ?? 0;
  const same = spec.holderIdentity === holder;
  const stored = before === null || typeof before.spec !== 'object' ? {} : before.spec;
  return {
    ...stored,
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(duration / 1000),
    renewTime: microTime(now),
    ...(same ? {} : { acquireTime: microTime(now), leaseTransitions: before === null ? 0 : transitions + 1 }),
  };
}

async function read(api: LeaseApi, lease: LeaseName): Promise<KubeObject | null> {
  try {
    return await api.get(LEASE, lease);
  } catch (error) {
    if (isKubeError(error, 'not-found')) return null;
    throw error;
  }
}

/** Writes the holder onto the version that was read: of two that try at once one fails with a conflict. */
async function write(
  api: LeaseApi,
  name: LeaseName,
  before: KubeObject | null,
  spec: unknown,
): Promise<void> {
  if (before === null) await api.create(LEASE, { metadata: name, spec });
  else await api.replace(LEASE, { ...before, spec });
}

const SEIZE_ATTEMPTS = 10;

/** Takes the Lease from whoever holds it; that one stops when it next looks. Throws {@link KubeError}. */
export async function seizeLease(
  api: LeaseApi,
  lease: LeaseName,
  holder: string,
  now: Instant,
  duration: Millis,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const before = await read(api, lease);
      await write(api, lease, before, heldBy(holder, before, now, duration));
      return;
    } catch (error) {
      // The holder renewed it in between.
      if (!isKubeError(error, 'conflict', 'already-exists') || attempt === SEIZE_ATTEMPTS) throw error;
    }
  }
}

/** Removes the Lease; one that is not there is no error. */
export async function removeLease(api: LeaseApi, lease: LeaseName): Promise<void> {
  try {
    await api.delete(LEASE, lease);
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
  }
}

/**
 * Elects one holder of a Lease. Others' clocks are not trusted: a Lease counts as abandoned when it has not changed for
 * its duration as measured here. The holder counts from before it sent a renewal, so that it gives up before anybody
 * else may begin.
 */
export function createLeaseElector(options: LeaseElectorOptions): LeaseElector {
  const { api, lease, holder, clock, elected, lost } = options;
  const duration = options.duration ?? 15_000;
  const retryEvery = options.retryEvery ?? duration / 5;
  const deadline = (duration * 2) / 3;
  let seen: { readonly version: string; readonly at: Instant } | null = null;
  let renewedAt: Instant | null = null;
  let ended = false;
  let attempt: Promise<void> = Promise.resolve();
  let cancelAttempt = (): void => {};
  let cancelDeadline = (): void => {};

  const leading = (): boolean => !ended && renewedAt !== null && clock.now() < renewedAt + deadline;

  function end(): void {
    ended = true;
    cancelAttempt();
    cancelDeadline();
  }

  function lose(reason: string): void {
    if (ended || renewedAt === null) return;
    end();
    lost(reason);
  }

  /** Whether the Lease may be taken: nobody's, or not renewed for its duration. */
  function isFree(object: KubeObject): boolean {
    const { holderIdentity, leaseDurationSeconds } = specOf(object);
    if (holderIdentity === undefined || holderIdentity === null || holderIdentity === '') return true;
    const version = object.metadata.resourceVersion ?? '';
    if (seen?.version !== version) seen = { version, at: clock.now() };
    return clock.now() >= seen.at + (leaseDurationSeconds ?? duration / 1000) * 1000;
  }

  async function renewOrTake(): Promise<void> {
    const before = await read(api, lease);
    const mine = before !== null && specOf(before).holderIdentity === holder;
    if (!mine && renewedAt !== null) {
      const other =
        before === null ? 'it was removed' : `${specOf(before).holderIdentity ?? 'nobody'} holds it`;
      lose(`the Lease ${lease.namespace}/${lease.name} was taken away: ${other}`);
      return;
    }
    if (ended || (before !== null && !mine && !isFree(before))) return;
    if (!mine && options.mayRun !== undefined && !(await options.mayRun())) return;
    const sent = clock.now();
    await write(api, lease, before, heldBy(holder, before, sent, duration));
    if (ended) return;
    const first = renewedAt === null;
    renewedAt = sent;
    cancelDeadline();
    cancelDeadline = clock.after(Math.max(0, sent + deadline - clock.now()), () =>
      lose(`the Lease ${lease.namespace}/${lease.name} could not be renewed in time`),
    );
    if (first) elected();
  }

  async function tryOnce(): Promise<void> {
    try {
      await renewOrTake();
    } catch (error) {
      // Somebody else was faster: the next look says who.
      if (!isKubeError(error, 'conflict', 'already-exists')) options.failed?.(error);
    }
    if (!ended) cancelAttempt = clock.after(retryEvery, tick);
  }

  function tick(): void {
    attempt = tryOnce();
  }

  return {
    start: tick,
    leading,
    async stop() {
      const held = leading();
      end();
      await attempt;
      if (!held) return;
      try {
        const object = await read(api, lease);
        if (object === null || specOf(object).holderIdentity !== holder) return;
        const spec = typeof object.spec === 'object' ? object.spec : {};
        await api.replace(LEASE, { ...object, spec: { ...spec, holderIdentity: '' } });
      } catch (error) {
        // Then it runs out by itself.
        options.failed?.(error);
      }
    },
  };
}
