import type { Client, Json } from '../client.ts';

/** A definition with everything that the suite looks at. */
export const WIDGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.suite.example.com }
spec:
  group: suite.example.com
  names: { plural: widgets, singular: widget, kind: Widget, listKind: WidgetList, shortNames: [wd] }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale:
          specReplicasPath: .spec.replicas
          statusReplicasPath: .status.replicas
          labelSelectorPath: .status.selector
      selectableFields: [{ jsonPath: .spec.colour }]
      additionalPrinterColumns:
        - { name: Colour, type: string, jsonPath: .spec.colour }
        - { name: Replicas, type: integer, jsonPath: .spec.replicas }
        - { name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status' }
        - { name: Since, type: date, jsonPath: .spec.since, priority: 1 }
        - { name: Age, type: date, jsonPath: .metadata.creationTimestamp }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [colour]
              properties:
                colour: { type: string, enum: [red, green, blue] }
                replicas: { type: integer, minimum: 0, maximum: 10, default: 1 }
                since: { type: string, format: date-time }
                note: { type: string, maxLength: 8 }
                weights:
                  type: array
                  x-kubernetes-list-type: atomic
                  items:
                    type: object
                    required: [name]
                    properties:
                      name: { type: string }
                      weight: { type: integer, format: int64, minimum: 1 }
                ports:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [port]
                  items:
                    type: object
                    required: [port]
                    properties:
                      port: { type: integer }
                      name: { type: string, default: web }
                free: { type: object, x-kubernetes-preserve-unknown-fields: true }
            status:
              type: object
              properties:
                replicas: { type: integer }
                selector: { type: string }
                phase: { type: string }
                conditions:
                  type: array
                  items:
                    type: object
                    properties: { type: { type: string }, status: { type: string } }
`;

/** A cluster-scoped definition without status subresource, in two versions. */
export const GADGETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.suite.example.com }
spec:
  group: suite.example.com
  names: { plural: gadgets, kind: Gadget }
  scope: Cluster
  versions:
    - name: v1alpha1
      served: true
      storage: false
      schema: &schema
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, x-kubernetes-preserve-unknown-fields: true }
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
    - name: v1
      served: true
      storage: true
      schema: *schema
`;

export const WIDGET_ROOT = '/apis/suite.example.com/v1';
export const GADGET_PATH = '/apis/suite.example.com/v1/gadgets';

/** A namespace for one test, its paths, and makers of objects in it. */
export interface Place {
  readonly namespace: string;
  readonly widgets: string;
  readonly configMaps: string;
  readonly deployments: string;
  widget(name: string, spec?: Json, metadata?: Json): Json;
  configMap(name: string, data?: Record<string, string>, metadata?: Json): Json;
  deployment(name: string, replicas?: number): Json;
}

let made = 0;

/** Makes a namespace that no other test uses. */
export async function makePlace(client: Client): Promise<Place> {
  made += 1;
  const namespace = `suite-${made}`;
  const answer = await client.post('/api/v1/namespaces', { metadata: { name: namespace } });
  if (answer.status !== 201) throw new Error(`no namespace: ${JSON.stringify(answer.body)}`);
  return {
    namespace,
    widgets: `${WIDGET_ROOT}/namespaces/${namespace}/widgets`,
    configMaps: `/api/v1/namespaces/${namespace}/configmaps`,
    deployments: `/apis/apps/v1/namespaces/${namespace}/deployments`,
    widget: (name, spec = {}, metadata = {}) => ({
      apiVersion: 'suite.example.com/v1',
      kind: 'Widget',
      metadata: { name, namespace, ...metadata },
      spec: { colour: 'red', ...spec },
    }),
    configMap: (name, data = { key: 'value' }, metadata = {}) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, ...metadata },
      data,
    }),
    deployment: (name, replicas = 2) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'main', image: 'registry.example/app:1' }] },
        },
      },
    }),
  };
}

export function gadget(name: string): Json {
  return { apiVersion: 'suite.example.com/v1', kind: 'Gadget', metadata: { name }, spec: { a: 1 } };
}
