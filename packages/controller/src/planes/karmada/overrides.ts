import { z } from 'zod';
import { type KubeObject, keyOf } from '../../kube/resource.ts';
import { labelSelectorSchema, matchesLabels } from '../shared/label-selector.ts';
import { memoized } from '../shared/memo.ts';
import { isPin } from './move/pins.ts';
import type { WorkloadView } from './workload.ts';

const plaintext = z.array(z.object({ path: z.string() })).nullish();
const overriders = z
  .object({
    plaintext,
    fieldOverrider: z.array(z.object({ fieldPath: z.string().nullish() })).nullish(),
  })
  .nullish();

/** `spec` of an OverridePolicy or ClusterOverridePolicy, as far as it is read. */
const schema = z.object({
  resourceSelectors: z
    .array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        namespace: z.string().nullish(),
        name: z.string().nullish(),
        labelSelector: labelSelectorSchema.nullish(),
      }),
    )
    .nullish(),
  overrideRules: z.array(z.object({ overriders })).nullish(),
  overriders,
});

type Overriders = z.infer<typeof overriders>;

function setsReplicas(each: Overriders): boolean {
  const paths = [
    ...(each?.plaintext ?? []).map(({ path }) => path),
    ...(each?.fieldOverrider ?? []).map(({ fieldPath }) => fieldPath ?? ''),
  ];
  return paths.some((path) => path === '/spec/replicas' || path === '/spec' || path === '');
}

interface OverrideView {
  readonly selectors: NonNullable<z.infer<typeof schema>['resourceSelectors']>;
  readonly setsReplicas: boolean;
}

const readOverride = memoized((object: KubeObject): OverrideView | null => {
  const spec = schema.safeParse(object.spec).data;
  if (spec === undefined) return null;
  const rules = (spec.overrideRules ?? []).map((rule) => rule.overriders);
  return {
    selectors: spec.resourceSelectors ?? [],
    setsReplicas: [...rules, spec.overriders].some(setsReplicas),
  };
});

function selects(view: OverrideView, override: KubeObject, workload: WorkloadView): boolean {
  const { namespace } = override.metadata;
  if (namespace !== undefined && namespace !== workload.namespace) return false;
  // Without selectors it is about everything that it can see.
  if (view.selectors.length === 0) return true;
  const { apiVersion, metadata } = workload.object;
  return view.selectors.some((selector) => {
    if (selector.apiVersion !== apiVersion || selector.kind !== workload.type.kind) return false;
    if ((selector.namespace ?? '') !== '' && selector.namespace !== workload.namespace) return false;
    if ((selector.name ?? '') !== '') return selector.name === workload.name;
    return matchesLabels(metadata.labels ?? {}, selector.labelSelector);
  });
}

/**
 * Another override that sets the workload's replicas in some member, for people; null when there is none. Of two
 * OverridePolicies on one field the last by name wins over a pin; and whichever wins, where an override sets the
 * replicas no weight does.
 */
export function overrideOf(workload: WorkloadView, overrides: Iterable<KubeObject>): string | null {
  for (const override of overrides) {
    if (isPin(override)) continue;
    const view = readOverride(override);
    if (view === null || !view.setsReplicas || !selects(view, override, workload)) continue;
    return `${override.metadata.namespace === undefined ? 'ClusterOverridePolicy' : 'OverridePolicy'} ${keyOf(override)}`;
  }
  return null;
}
