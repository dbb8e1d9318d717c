import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, keyOf, type ResourceType } from '../../../src/kube/resource.ts';
import { buildFleetIndex, type FleetIndex } from '../../../src/planes/karmada/fleet-index.ts';
import {
  CLUSTER,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  workloadKinds,
} from '../../../src/planes/karmada/resources.ts';

const DEPLOYMENT = workloadKinds.find(({ kind }) => kind === 'Deployment')!;
const ID = 'propagationpolicy.karmada.io/permanent-id';

interface Knobs {
  readonly name: string;
  readonly policy: string | null;
  readonly optedIn: boolean;
  readonly id: string;
  readonly replicas: number;
}

let version = 0;
const metadata = (name: string, labels: Record<string, string>, annotations: Record<string, string>) => {
  version += 1;
  return { namespace: 'n', name, uid: `uid-${name}`, resourceVersion: String(version), labels, annotations };
};
const optIn = (yes: boolean) => (yes ? { 'windvane.dev/placement': 'follow-the-wind' } : {});
const claim = ({ policy, id }: Knobs) => ({
  labels: policy === null ? {} : { [ID]: id },
  annotations:
    policy === null
      ? {}
      : { 'propagationpolicy.karmada.io/namespace': 'n', 'propagationpolicy.karmada.io/name': policy },
});

function workload(knobs: Knobs): KubeObject {
  const { labels, annotations } = claim(knobs);
  return {
    metadata: metadata(knobs.name, labels, { ...annotations, ...optIn(knobs.optedIn) }),
    spec: { replicas: knobs.replicas },
  };
}

function binding(knobs: Knobs): KubeObject {
  const { labels, annotations } = claim(knobs);
  return {
    metadata: metadata(`${knobs.name}-deployment`, labels, annotations),
    spec: {
      resource: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'n',
        name: knobs.name,
        uid: knobs.name,
      },
      replicas: knobs.replicas,
      clusters: [{ name: 'paris', replicas: knobs.replicas }],
    },
  };
}

const policy = (knobs: Knobs): KubeObject => ({
  metadata: metadata(knobs.policy ?? 'p', { [ID]: knobs.id }, optIn(knobs.optedIn)),
  spec: { placement: {} },
});

/** Caches of a hub, and an index that is kept up as the plane does it. */
function hub() {
  const stores = new Map<ResourceType, Map<string, KubeObject>>(
    [DEPLOYMENT, PROPAGATION_POLICY, RESOURCE_BINDING].map((type) => [type, new Map()]),
  );
  const objects = (type: ResourceType) => stores.get(type)?.values() ?? [];
  const build = (): FleetIndex =>
    buildFleetIndex(
      {
        workloads: [{ type: DEPLOYMENT, objects: objects(DEPLOYMENT) }],
        policies: [{ kind: 'PropagationPolicy', objects: objects(PROPAGATION_POLICY) }],
        bindings: objects(RESOURCE_BINDING),
        traffic: () => ({ services: [], ingresses: [], httpRoutes: [] }),
        autoscalers: () => [],
        overrides: () => [],
        namespace: () => undefined,
        placement: () => undefined,
      },
      () => true,
    );
  let index = build();
  let kept = 0;
  return {
    put(type: ResourceType, object: KubeObject) {
      const store = stores.get(type);
      const before = store?.get(keyOf(object)) ?? null;
      store?.set(keyOf(object), object);
      if (index.take(type, object, before)) kept += 1;
      else index = build();
    },
    remove(type: ResourceType, key: string) {
      const before = stores.get(type)?.get(key);
      if (before === undefined) return;
      stores.get(type)?.delete(key);
      if (!index.take(type, null, before)) index = build();
    },
    kept: () => kept,
    index: () => index,
    build,
  };
}

function contents(index: FleetIndex): unknown {
  return {
    units: [...index.keys].sort().map((key) => index.unit(key)),
    placements: [...index.placements].sort(),
    managed: index.managedReplicas(),
    policies: [...index.policies].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

const knobs: fc.Arbitrary<Knobs> = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  policy: fc.constantFrom('p', 'q', null),
  optedIn: fc.boolean(),
  id: fc.constantFrom('1', '1', '1', '2'),
  replicas: fc.integer({ min: 0, max: 3 }),
});
const change = fc.record({ what: fc.constantFrom('workload', 'policy', 'binding', 'gone'), knobs });

describe('buildFleetIndex', () => {
  it('keeps up with every change, or says that it cannot', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const world = hub();
        for (const { what, knobs: of } of changes) {
          if (what === 'workload') world.put(DEPLOYMENT, workload(of));
          else if (what === 'policy') world.put(PROPAGATION_POLICY, policy(of));
          else if (what === 'binding') world.put(RESOURCE_BINDING, binding(of));
          else world.remove(DEPLOYMENT, `n/${of.name}`);
          expect(contents(world.index())).toEqual(contents(world.build()));
        }
      }),
      { numRuns: 150 },
    );
  });

  const web: Knobs = { name: 'web', policy: 'p', optedIn: true, id: '1', replicas: 3 };
  const started = () => {
    const world = hub();
    world.put(PROPAGATION_POLICY, policy(web));
    world.put(DEPLOYMENT, workload(web));
    world.put(RESOURCE_BINDING, binding(web));
    return { world, before: world.kept() };
  };

  it.each<[string, (world: ReturnType<typeof hub>) => void]>([
    [
      'a policy that only got other annotations of ours',
      (world) => world.put(PROPAGATION_POLICY, policy(web)),
    ],
    ['a template that was scaled', (world) => world.put(DEPLOYMENT, workload({ ...web, replicas: 5 }))],
    [
      'a binding that was divided anew',
      (world) => world.put(RESOURCE_BINDING, binding({ ...web, replicas: 5 })),
    ],
  ])('is not made anew for %s', (_, act) => {
    const { world, before } = started();
    act(world);
    expect(world.kept()).toBe(before + 1);
    expect(contents(world.index())).toEqual(contents(world.build()));
  });

  it('is not concerned by kinds that are looked up when a unit is put together', () => {
    const { world } = started();
    expect(world.index().take(CLUSTER, { metadata: { name: 'paris' } }, null)).toBe(true);
  });
});
