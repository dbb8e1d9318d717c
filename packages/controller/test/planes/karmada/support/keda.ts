import type { KubeObject } from '../../../../src/kube/resource.ts';
import { policy } from './manifests.ts';

/** Leaves the replicas of members to what scales there. */
export const RETAIN = { 'resourcetemplate.karmada.io/retain-replicas': 'true' };

/** KEDA's definition as far as members and hub need it. */
export const KEDA = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: scaledobjects.keda.sh }
spec:
  group: keda.sh
  scope: Namespaced
  names: { kind: ScaledObject, listKind: ScaledObjectList, plural: scaledobjects, singular: scaledobject }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: { status: {} }
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;

export function scaledObject(
  namespace: string,
  name: string,
  spec: Readonly<Record<string, unknown>>,
): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { namespace, name },
    spec: { scaleTargetRef: { name }, triggers: [{ type: 'cron', metadata: {} }], ...spec },
  };
}

/** A policy for a Deployment and the ScaledObject of the same name. */
export function policyOfBoth(namespace: string, name: string, annotations = {}): KubeObject {
  const selectors = [
    { apiVersion: 'apps/v1', kind: 'Deployment', name },
    { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name },
  ];
  return policy(namespace, name, { annotations, spec: { resourceSelectors: selectors } });
}
