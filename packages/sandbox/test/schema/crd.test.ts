import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidDefinitionError, parseCustomResourceDefinition } from '../../src/schema/crd.ts';
import { applyDefaults } from '../../src/schema/defaults.ts';
import { pruneUnknown } from '../../src/schema/prune.ts';
import { validateObject } from '../../src/schema/validate.ts';

const CRDS = join(import.meta.dirname, '../../../../../shared/crds');

// oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
type Loose = Record<string, any>;

function definition(change: (spec: Loose) => void = () => {}): Loose {
  const spec: Loose = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing', shortNames: ['th'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        selectableFields: [{ jsonPath: '.spec.size' }],
      },
    ],
  };
  change(spec);
  const metadata = { name: 'things.example.com' };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec };
}

function root(schema: unknown): Record<string, unknown> {
  return definition((spec) => (spec['versions'][0]['schema'] = { openAPIV3Schema: schema }));
}

describe('parseCustomResourceDefinition', () => {
  it('reads what the API has to serve', () => {
    expect(parseCustomResourceDefinition(definition())).toEqual({
      group: 'example.com',
      names: {
        plural: 'things',
        singular: 'thing',
        kind: 'Thing',
        listKind: 'ThingList',
        shortNames: ['th'],
        categories: [],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          deprecated: false,
          schema: { type: 'object', properties: { spec: { type: 'object' } } },
          subresources: {
            status: true,
            scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' },
          },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          selectableFields: [{ jsonPath: '.spec.size' }],
        },
      ],
    });
  });

  it.each<[string, string | Record<string, unknown>, string]>([
    ['text that is not YAML', 'a: [', 'not YAML'],
    ['YAML that is no mapping', '- a', 'must be a YAML mapping'],
    ['an object without a name', { kind: 'CustomResourceDefinition' }, 'metadata is required'],
    ['another kind', { ...definition(), kind: 'ConfigMap' }, 'got ConfigMap of apiextensions.k8s.io/v1'],
    ['an old version', { ...definition(), apiVersion: 'apiextensions.k8s.io/v1beta1' }, 'v1beta1'],
    ['a name that does not fit', definition((spec) => (spec['group'] = 'e.com')), 'things.e.com'],
    [
      'an unknown scope',
      definition((spec) => (spec['scope'] = 'Galaxy')),
      'spec.scope must be Namespaced or Cluster',
    ],
    [
      'no storage version',
      definition((spec) => (spec['versions'][0]['storage'] = false)),
      'exactly one version',
    ],
    [
      'a version without schema',
      definition((spec) => delete spec['versions'][0]['schema']),
      'schemas are required',
    ],
    ['a root that is no object', root({ type: 'string' }), 'must be object at the root'],
    [
      'a field without a type',
      root({ type: 'object', properties: { a: { properties: {} } } }),
      'openAPIV3Schema.properties[a]: type must be one of',
    ],
    [
      'a list without items',
      root({ type: 'object', properties: { a: { type: 'array' } } }),
      'items is required for type array',
    ],
    [
      'a keyed list without keys',
      root({
        type: 'object',
        properties: { a: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' } },
      }),
      'x-kubernetes-list-map-keys is required',
    ],
    [
      'a keyed list with a key that may be missing',
      root({
        type: 'object',
        properties: {
          a: {
            type: 'array',
            items: { type: 'object', properties: { key: { type: 'string' } } },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['key'],
          },
        },
      }),
      'items.properties[key].default: Required value: this property is in x-kubernetes-list-map-keys',
    ],
    [
      'a broken pattern',
      root({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } }),
      'pattern is not a regular expression: (',
    ],
  ])('refuses %s and says what is wrong', (_, source, problem) => {
    const parse = (): unknown => parseCustomResourceDefinition(source);
    expect(parse).toThrow(InvalidDefinitionError);
    expect(parse).toThrow(problem);
  });
});

describe.skipIf(!existsSync(CRDS))('the real definitions (skipped when ../shared/crds is absent)', () => {
  const read = (file: string): ReturnType<typeof parseCustomResourceDefinition> =>
    parseCustomResourceDefinition(readFileSync(join(CRDS, file), 'utf8'));
  const files = existsSync(CRDS)
    ? readdirSync(CRDS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
    : [];

  it.each(files)('%s is read, and its schemas hold for an empty object but for required fields', (file) => {
    const resource = read(file);
    expect(resource.versions.length).toBeGreaterThan(0);
    for (const { schema } of resource.versions) {
      const object = { apiVersion: 'x/v1', kind: resource.names.kind, metadata: { name: 'a' } };
      applyDefaults(schema, object);
      pruneUnknown(schema, object);
      const reasons = validateObject(schema, object).map((error) => error.reason);
      expect(
        reasons.filter((reason) => reason !== 'FieldValueRequired' && reason !== 'FieldValueInvalid'),
      ).toEqual([]);
    }
  });

  it('a PropagationPolicy gets its defaults, and weight 0 is refused', () => {
    const schema = read('karmada/policy.karmada.io_propagationpolicies.yaml').versions[0]?.schema;
    const policy = (weight: number): Record<string, unknown> => ({
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
        placement: {
          replicaScheduling: {
            weightPreference: { staticWeightList: [{ targetCluster: { clusterNames: ['m1'] }, weight }] },
          },
        },
      },
    });
    const good = policy(1);
    applyDefaults(schema, good);
    expect(good['spec']).toMatchObject({
      priority: 0,
      schedulerName: 'default-scheduler',
      preemption: 'Never',
    });
    expect(validateObject(schema, good)).toEqual([]);
    expect(validateObject(schema, policy(0)).map((error) => error.field)).toEqual([
      'spec.placement.replicaScheduling.weightPreference.staticWeightList[0].weight',
    ]);
  });

  it('a ScaledObject is held to its CEL rule', () => {
    const schema = read('keda/keda.sh_scaledobjects.yaml').versions[0]?.schema;
    const scaled = (min: number, max?: number): Record<string, unknown> => ({
      spec: {
        scaleTargetRef: { name: 'w' },
        triggers: [{ type: 'cpu', metadata: {} }],
        minReplicaCount: min,
        ...(max === undefined ? {} : { maxReplicaCount: max }),
      },
    });
    expect(validateObject(schema, scaled(2, 3))).toEqual([]);
    expect(validateObject(schema, scaled(100))).toEqual([]);
    for (const bad of [scaled(4, 3), scaled(101)]) {
      expect(validateObject(schema, bad).map(({ message }) => message)).toEqual([
        'Invalid value: minReplicaCount must be less than or equal to maxReplicaCount',
      ]);
    }
  });

  it('AddOnPlacementScores stay between -100 and 100', () => {
    const schema = read('ocm/0000_05_clusters.open-cluster-management.io_addonplacementscores.crd.yaml')
      .versions[0]?.schema;
    const score = (value: number): Record<string, unknown> => ({
      status: { scores: [{ name: 'a', value }] },
    });
    expect(validateObject(schema, score(-100))).toEqual([]);
    expect(validateObject(schema, score(101))).toHaveLength(1);
  });
});
