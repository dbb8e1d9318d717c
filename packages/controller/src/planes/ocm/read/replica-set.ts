import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { memoized } from '../../shared/memo.ts';

/** An object of a manifest list, as far as it is read. */
const manifestSchema = z.looseObject({
  kind: z.string().nullish(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const specSchema = z.object({
  placementRefs: z.array(z.object({ name: z.string() })).nullish(),
  manifestWorkTemplate: z
    .object({ workload: z.object({ manifests: z.array(z.unknown()).nullish() }).nullish() })
    .nullish(),
});

const podTemplateSchema = z.object({
  template: z.object({
    metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
    spec: z
      .object({ volumes: z.array(z.object({ persistentVolumeClaim: z.unknown().optional() })).nullish() })
      .nullish(),
  }),
});

/** A ManifestWorkReplicaSet (work.open-cluster-management.io/v1alpha1): the same manifests for every chosen cluster. */
export interface ReplicaSetView {
  readonly placements: readonly string[];
  readonly manifests: readonly Manifest[];
}

export interface Manifest {
  readonly object: KubeObject;
  readonly kind: string;
  /** Labels of its pods; null for what has no pod template. */
  readonly podLabels: Readonly<Record<string, string>> | null;
  readonly claimsStorage: boolean;
}

function manifestOf(value: unknown): Manifest[] {
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) return [];
  const { kind, metadata, ...rest } = parsed.data;
  const { namespace, ...named } = metadata;
  const object: KubeObject = {
    ...rest,
    ...(kind === undefined || kind === null ? {} : { kind }),
    metadata: { ...named, ...(namespace === undefined ? {} : { namespace }) },
  };
  const pods = podTemplateSchema.safeParse(object.spec);
  const volumes = pods.data?.template.spec?.volumes ?? [];
  return [
    {
      object,
      kind: kind ?? '',
      podLabels: pods.success ? (pods.data.template.metadata?.labels ?? {}) : null,
      claimsStorage: volumes.some(
        ({ persistentVolumeClaim: claim }) => claim !== undefined && claim !== null,
      ),
    },
  ];
}

/** Reads a ManifestWorkReplicaSet; manifests that are no objects are left out. */
export const replicaSetView: (object: KubeObject) => ReplicaSetView = memoized((object: KubeObject) => {
  const spec = specSchema.safeParse(object.spec ?? {}).data;
  return {
    placements: (spec?.placementRefs ?? []).map(({ name }) => name),
    manifests: (spec?.manifestWorkTemplate?.workload?.manifests ?? []).flatMap(manifestOf),
  };
});
