import type { Instant } from '@windvane/carbon-map';
import { z } from 'zod';
import { neverReachedText } from '../../policy/allowance.ts';
import type { KnownTrigger } from '../../policy/decider.ts';
import type { WorkloadRef } from '../../policy/snapshot.ts';
import { askHub, type HubConnection, HubError } from './request.ts';

/** One held workload, in the words of the hub's API. */
export interface HoldReport {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly reason: string;
  readonly replicas: number;
  readonly message: string;
}

const MUTATION =
  'mutation($cluster: String!, $holds: [HoldInput!]!) { reportHolds(cluster: $cluster, holds: $holds) }';
const answerSchema = z.object({ errors: z.array(z.object({ message: z.string() })).optional() });

/**
 * What is held of the triggers, by workload: of several triggers of one workload the first that holds it. A trigger beside
 * it may let it run all the same; KEDA takes the larger.
 */
export function holdsOf(
  triggers: readonly KnownTrigger[],
  workloadOf: (namespace: string, name: string) => WorkloadRef | null,
): readonly HoldReport[] {
  const held = new Map<string, HoldReport>();
  for (const { ref, allowance } of triggers) {
    if (allowance.allowed) continue;
    const workload = workloadOf(ref.namespace, ref.name) ?? {
      namespace: ref.namespace,
      kind: 'ScaledObject',
      name: ref.name,
    };
    const key = `${workload.namespace}/${workload.kind}/${workload.name}`;
    if (held.has(key)) continue;
    held.set(key, {
      ...workload,
      since: text(allowance.heldSince),
      until: text(allowance.until),
      reason: allowance.neverReached === null ? allowance.reason : 'TargetNeverReached',
      replicas: allowance.most,
      message: (neverReachedText(allowance) || allowance.text).slice(0, 1_024),
    });
  }
  return [...held.values()];
}

/** Tells the hub. Throws HubError. */
export async function reportHolds(
  connection: HubConnection,
  cluster: string,
  holds: readonly HoldReport[],
  abort: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ query: MUTATION, variables: { cluster, holds } });
  const headers = { 'Content-Type': 'application/json' };
  const { status, body: answer } = await askHub(connection, {
    method: 'POST',
    path: '/graphql',
    headers,
    body,
    abort,
  });
  const parsed = status === 200 ? answerSchema.safeParse(JSON.parse(answer)) : null;
  const message = parsed?.data?.errors?.[0]?.message;
  if (parsed?.success === true && message === undefined) return;
  throw new HubError(`the hub did not take the report of what is held (${message ?? status})`, status);
}

function text(at: Instant | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
