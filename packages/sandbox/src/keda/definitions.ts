function definition(kind: string, plural: string, spec: string): string {
  return `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.keda.sh }
spec:
  group: keda.sh
  scope: Namespaced
  names: { kind: ${kind}, listKind: ${kind}List, plural: ${plural}, singular: ${kind.toLowerCase()} }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              x-kubernetes-preserve-unknown-fields: true
              properties:
                triggers:
                  type: array
                  items:
                    type: object
                    required: [type, metadata]
                    properties:
                      type: { type: string, minLength: 1 }
                      name: { type: string }
                      useCachedMetrics: { type: boolean }
                      metricType: { type: string }
                      metadata: { type: object, additionalProperties: { type: string } }
                ${spec}
            status: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;
}

/**
 * Shortened CustomResourceDefinitions of KEDA's kinds, as YAML: what triggers are held to is as in KEDA's own.
 */
export const kedaDefinitions: readonly string[] = [
  definition('ScaledObject', 'scaledobjects', 'maxReplicaCount: { type: integer, minimum: 1 }'),
  definition('ScaledJob', 'scaledjobs', 'maxReplicaCount: { type: integer, minimum: 1 }'),
];
