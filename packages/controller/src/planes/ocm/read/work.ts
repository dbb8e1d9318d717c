import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { memoized } from '../../shared/memo.ts';

const REPLICA_SET_LABEL = 'work.open-cluster-management.io/manifestworkreplicaset';

const statusSchema = z.object({
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), observedGeneration: z.number().nullish() }))
    .nullish(),
  resourceStatus: z
    .object({
      manifests: z
        .array(
          z.object({
            resourceMeta: z.object({
              resource: z.string().nullish(),
              name: z.string().nullish(),
              namespace: z.string().nullish(),
            }),
            statusFeedback: z
              .object({
                values: z
                  .array(
                    z.object({
                      name: z.string(),
                      fieldValue: z.object({ integer: z.number().nullish() }),
                    }),
                  )
                  .nullish(),
              })
              .nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

const specSchema = z.object({
  manifestConfigs: z
    .array(
      z.object({
        resourceIdentifier: z.object({
          resource: z.string(),
          name: z.string(),
          namespace: z.string().nullish(),
        }),
        feedbackRules: z.array(z.object({ type: z.string() })).nullish(),
      }),
    )
    .nullish(),
  workload: z
    .object({
      manifests: z
        .array(
          z.object({
            kind: z.string().nullish(),
            metadata: z.object({ name: z.string().nullish(), namespace: z.string().nullish() }).nullish(),
            spec: z.object({ replicas: z.number().nullish() }).nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** Resources whose well-known feedback counts replicas. */
const COUNTED: Readonly<Record<string, string>> = { deployments: 'Deployment', statefulsets: 'StatefulSet' };

/** Key (`namespace/name`) of the ManifestWorkReplicaSet that made a ManifestWork; null when none did. */
export function replicaSetOf(work: KubeObject): string | null {
  // The label joins both by a dot. Namespaces have none, so that the first one parts them.
  const label = work.metadata.labels?.[REPLICA_SET_LABEL];
  const dot = label?.indexOf('.') ?? -1;
  return label === undefined || dot < 0 ? null : `${label.slice(0, dot)}/${label.slice(dot + 1)}`;
}

/**
 * Whether the work of a ManifestWork (work.open-cluster-management.io/v1) is available in its cluster, as reported for
 * its present generation: Applied and Available, which say that the objects exist, neither Progressing nor Degraded where
 * condition rules make these conditions, and all replicas ready where `WellKnownStatus` feedback is asked for.
 */
export const isAvailable: (work: KubeObject) => boolean = memoized((work: KubeObject) => {
  if (work.metadata.deletionTimestamp !== undefined) return false;
  const status = statusSchema.safeParse(work.status ?? {}).data;
  const says = (type: string, value: string): boolean =>
    (status?.conditions ?? []).some(
      (each) =>
        each.type === type &&
        each.status === value &&
        (each.observedGeneration ?? Number.MAX_SAFE_INTEGER) >= (work.metadata.generation ?? 0),
    );
  return (
    says('Applied', 'True') &&
    says('Available', 'True') &&
    !says('Progressing', 'True') &&
    !says('Degraded', 'True') &&
    replicasReady(work, status)
  );
});

function replicasReady(work: KubeObject, status: z.infer<typeof statusSchema> | undefined): boolean {
  const spec = specSchema.safeParse(work.spec ?? {}).data;
  return (spec?.manifestConfigs ?? []).every(({ resourceIdentifier: wanted, feedbackRules }) => {
    const kind = COUNTED[wanted.resource];
    const asked = (feedbackRules ?? []).some(({ type }) => type === 'WellKnownStatus');
    if (kind === undefined || !asked) return true;
    const same = (name: unknown, namespace: unknown): boolean =>
      name === wanted.name && (namespace ?? '') === (wanted.namespace ?? '');
    const manifest = (spec?.workload?.manifests ?? []).find(
      (each) => each.kind === kind && same(each.metadata?.name, each.metadata?.namespace),
    );
    const reported = (status?.resourceStatus?.manifests ?? []).find(
      ({ resourceMeta: meta }) => meta.resource === wanted.resource && same(meta.name, meta.namespace),
    );
    const ready = reported?.statusFeedback?.values?.find(({ name }) => name === 'ReadyReplicas');
    return (ready?.fieldValue.integer ?? 0) >= (manifest?.spec?.replicas ?? 1);
  });
}

/** The parts of a ManifestWork that are read. The rest of the manifests, most of its size, is left out. */
export function essenceOf(work: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = work.metadata;
  return {
    metadata,
    spec: specSchema.safeParse(work.spec ?? {}).data ?? {},
    status: statusSchema.safeParse(work.status ?? {}).data ?? {},
  };
}
