import { z } from 'zod';
import { apiVersionOf, type KubeObject, keyOf } from '../../kube/resource.ts';
import { labelSelectorSchema, matchesLabels } from '../shared/label-selector.ts';
import { memoized } from '../shared/memo.ts';
import type { PlacementSubject } from '../shared/placement-writer.ts';
import { isCap } from './caps/cap-policy.ts';
import { isPin } from './move/pins.ts';

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

function pathsOf(each: Overriders): string[] {
  return [
    ...(each?.plaintext ?? []).map(({ path }) => path),
    ...(each?.fieldOverrider ?? []).map(({ fieldPath }) => fieldPath ?? ''),
  ];
}

interface OverrideView {
  readonly selectors: NonNullable<z.infer<typeof schema>['resourceSelectors']>;
  /** Fields that it sets, whole parts of the object included. */
  readonly paths: ReadonlySet<string>;
}

const readOverride = memoized((object: KubeObject): OverrideView | null => {
  const spec = schema.safeParse(object.spec).data;
  if (spec === undefined) return null;
  const rules = (spec.overrideRules ?? []).map((rule) => rule.overriders);
  return {
    selectors: spec.resourceSelectors ?? [],
    paths: new Set([...rules, spec.overriders].flatMap(pathsOf)),
  };
});

function selects(view: OverrideView, override: KubeObject, target: PlacementSubject): boolean {
  const { namespace } = override.metadata;
  if (namespace !== undefined && namespace !== target.namespace) return false;
  // Without selectors it is about everything that it can see.
  if (view.selectors.length === 0) return true;
  const apiVersion = apiVersionOf(target.type);
  return view.selectors.some((selector) => {
    if (selector.apiVersion !== apiVersion || selector.kind !== target.type.kind) return false;
    if ((selector.namespace ?? '') !== '' && selector.namespace !== target.namespace) return false;
    if ((selector.name ?? '') !== '') return selector.name === target.name;
    return matchesLabels(target.object.metadata.labels ?? {}, selector.labelSelector);
  });
}

/**
 * Another override that sets a field (`/spec/replicas`) of an object in some member, for people; null when there is
 * none. Of two OverridePolicies on one field the last by name wins, over a pin or a cap as well; and whichever wins,
 * where an override sets the replicas no weight does.
 */
export function overrideOf(
  target: PlacementSubject,
  field: `/spec/${string}`,
  overrides: Iterable<KubeObject>,
): string | null {
  for (const override of overrides) {
    if (isPin(override) || isCap(override)) continue;
    const view = readOverride(override);
    if (view === null || !selects(view, override, target)) continue;
    if (!['', '/spec', field].some((path) => view.paths.has(path))) continue;
    return `${override.metadata.namespace === undefined ? 'ClusterOverridePolicy' : 'OverridePolicy'} ${keyOf(override)}`;
  }
  return null;
}
