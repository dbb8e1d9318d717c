import { z } from 'zod';
import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { KubeApi } from '../kube/api.ts';
import { isKubeError } from '../kube/errors.ts';
import { speakerOf } from '../planes/ocm/followers.ts';
import { MANIFEST_WORK_REPLICA_SET, PLACEMENT } from '../planes/ocm/resources.ts';
import { CARBON_PLACEMENT } from '../planes/shared/resources.ts';
import { columns } from './columns.ts';
import { type HubKubeOptions, withHubKube } from './hub-kube.ts';
import type { ExitCode, Output } from './output.ts';
import { type Explained, remedyLines } from './remedies.ts';
import { type Asked, whyUnfollowed } from './unfollowed.ts';

export interface ExplainOptions extends HubKubeOptions {
  readonly namespace?: string;
  readonly json?: boolean;
}

const workloadSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string() });

const statusSchema = z.looseObject({
  mode: z.string(),
  state: z.string(),
  reason: z.string().nullish(),
  data: z.string().nullish(),
  replicas: z.number().nullish(),
  split: z
    .array(
      z.looseObject({
        cluster: z.string(),
        zone: z.string().nullish(),
        replicas: z.number(),
        gramsPerKwh: z.number().nullish(),
        reason: z.string().nullish(),
      }),
    )
    .nullish(),
  decision: z
    .looseObject({
      at: z.string(),
      text: z.string(),
      gain: z.number(),
      moveCost: z.string(),
      confidence: z.number(),
      runnerUp: z.string().nullish(),
    })
    .nullish(),
  moves: z
    .array(
      z.looseObject({
        startedAt: z.string(),
        finishedAt: z.string().nullish(),
        result: z.string().nullish(),
        from: z.record(z.string(), z.number()),
        to: z.record(z.string(), z.number()),
      }),
    )
    .nullish(),
  dispatch: z
    .looseObject({
      latestStart: z.string(),
      plannedStart: z.string().nullish(),
      cluster: z.string().nullish(),
      policy: z.string().nullish(),
      dispatchedAt: z.string().nullish(),
    })
    .nullish(),
  saved: z.looseObject({ grams: z.number(), percent: z.number() }).nullish(),
  conditions: z
    .array(z.looseObject({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
    .nullish(),
});
type Status = z.output<typeof statusSchema>;

/** `windvane explain KIND/NAME`: the evidence of the last decision, read from the CarbonPlacement. Needs no controller. */
export async function explain(
  target: string,
  options: ExplainOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const asked = parseTarget(target);
  const namespace = options.namespace ?? 'default';
  const { object, ...about } = await withHubKube(options, environment, async (kube) => {
    const subject = await subjectOf(kube, namespace, asked);
    return { ...subject, object: await readPlacement(kube, namespace, subject, asked) };
  });
  const { apiVersion, kind, name } = workloadOf(object) ?? { ...about, apiVersion: null };
  const status = statusSchema.safeParse(object['status']);
  if (!status.success) {
    output.line(`${kind} ${namespace}/${name} is waiting for its first decision: is a controller running?`);
  } else {
    for (const line of explanation({ apiVersion, kind, namespace, name }, status.data)) output.line(line);
  }
  if (options.json === true) {
    output.json({ namespace, name, kind, ...(status.success ? status.data : { state: 'Pending' }) });
  }
  return 0;
}

function parseTarget(target: string): { kind: string; name: string } {
  const [kind, name, ...more] = target.split('/');
  if (kind !== undefined && kind !== '' && name !== undefined && name !== '' && more.length === 0)
    return { kind, name };
  throw new UserError(`"${target}" names no workload: write KIND/NAME, for example Deployment/web`);
}

/** A Placement is explained by what follows it: all of it stands where the Placement says. */
async function subjectOf(kube: KubeApi, namespace: string, asked: Asked): Promise<Asked> {
  if (asked.kind.toLowerCase() !== PLACEMENT.kind.toLowerCase()) return asked;
  const speaker = await speakerOf(kube, { namespace, name: asked.name });
  return speaker === null ? asked : { kind: MANIFEST_WORK_REPLICA_SET.kind, name: speaker };
}

async function readPlacement(
  kube: KubeApi,
  namespace: string,
  subject: Asked,
  asked: Asked,
): Promise<Readonly<Record<string, unknown>>> {
  const name = `${subject.name}-${subject.kind.toLowerCase()}`;
  try {
    return await kube.get(CARBON_PLACEMENT, { namespace, name });
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
    throw new UserError(await whyUnfollowed(kube, namespace, asked));
  }
}

/** The workload as its object is written, however the user spelt the kind. */
function workloadOf(object: Readonly<Record<string, unknown>>): z.output<typeof workloadSchema> | null {
  const spec = z.looseObject({ workloadRef: workloadSchema }).safeParse(object['spec']);
  return spec.success ? spec.data.workloadRef : null;
}

/** The status in words, most important first. */
function explanation(about: Explained, status: Status): readonly string[] {
  const workload = `${about.kind} ${about.namespace}/${about.name}`;
  const { decision, split, moves, saved } = status;
  const lines = [
    `${workload}: ${status.state}${status.reason === null || status.reason === undefined ? '' : ` (${status.reason})`}, mode ${status.mode}, data ${status.data ?? 'unknown'}`,
  ];
  const conditions = status.conditions ?? [];
  const refused = conditions.filter(
    ({ type, status: truth }) => (type === 'Blocked' || type === 'Misconfigured') && truth === 'True',
  );
  for (const { type, reason, message } of refused) {
    lines.push(`  ${type}: ${message}`);
    // Some messages bring what is to be pasted, made for this very object.
    if (!message.includes('apiVersion:')) lines.push(...remedyLines(reason, message, about));
  }
  // What is waited for, or what stands; where a refusal says it, once is enough.
  const ready = conditions.find(({ type }) => type === 'Ready');
  const waits = ready?.status !== 'True' && refused.length === 0;
  const tellsMore =
    waits || (ready?.status === 'True' && (status.mode === 'observe' || status.state === 'Frozen'));
  if (ready !== undefined && tellsMore && ready.message !== decision?.text) lines.push(`  ${ready.message}`);
  if (status.state === 'Frozen') lines.push(...remedyLines('Frozen', ready?.message ?? '', about));
  if (decision !== null && decision !== undefined) {
    lines.push('', `Decision of ${decision.at}: ${decision.text}`);
    if (status.dispatch !== null && status.dispatch !== undefined) {
      lines.push(
        `  ${percent(decision.gain)} less than at once, forecasts trusted to ${percent(decision.confidence)}`,
      );
    } else
      lines.push(
        `  gain ${percent(decision.gain)}, a moved replica loses ${decision.moveCost}, forecasts trusted to ${percent(decision.confidence)}`,
      );
    if (decision.runnerUp !== null && decision.runnerUp !== undefined)
      lines.push(`  not taken: ${decision.runnerUp}`);
  }
  if (status.dispatch !== null && status.dispatch !== undefined) lines.push(dispatchLine(status.dispatch));
  if (split !== null && split !== undefined && split.length > 0) {
    const rows = split.map((entry) => [
      `  ${entry.cluster}`,
      entry.zone ?? '-',
      String(entry.replicas),
      entry.gramsPerKwh === null || entry.gramsPerKwh === undefined
        ? '-'
        : String(Math.round(entry.gramsPerKwh)),
      entry.reason ?? '',
    ]);
    lines.push('', ...columns(['  CLUSTER', 'ZONE', 'REPLICAS', 'G/KWH', 'WHY'], rows));
  }
  if (moves !== null && moves !== undefined && moves.length > 0) {
    lines.push('', 'Moves, newest last:');
    for (const move of moves) {
      lines.push(
        `  ${move.startedAt} ${counts(move.from)} -> ${counts(move.to)}: ${move.result ?? 'under way'}`,
      );
    }
  }
  if (saved !== null && saved !== undefined) {
    lines.push(
      '',
      `Saved against how it was found: ${Math.round(saved.grams)} g CO2e (${saved.percent.toFixed(1)} %)`,
    );
  }
  return lines;
}

function dispatchLine({
  latestStart,
  plannedStart,
  cluster,
  policy,
  dispatchedAt,
}: NonNullable<Status['dispatch']>): string {
  if (typeof dispatchedAt === 'string')
    return `  started ${dispatchedAt} in ${cluster ?? '-'} by PropagationPolicy ${policy ?? '-'}; latest start was ${latestStart}`;
  return `  planned start ${plannedStart ?? '-'}, latest start ${latestStart}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function counts(replicas: Readonly<Record<string, number>>): string {
  return Object.entries(replicas)
    .filter(([, count]) => count > 0)
    .map(([cluster, count]) => `${cluster} ${count}`)
    .join(', ');
}
