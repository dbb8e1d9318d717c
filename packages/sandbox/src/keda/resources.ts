import type { Resource } from '../runtime/client/resource.ts';

function namespaced(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, namespaced: true };
}

export const SCALED_OBJECT: Resource = namespaced('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects');
export const SCALED_JOB: Resource = namespaced('keda.sh/v1alpha1', 'ScaledJob', 'scaledjobs');
export const HPA: Resource = namespaced(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'horizontalpodautoscalers',
);
export const DEPLOYMENT: Resource = namespaced('apps/v1', 'Deployment', 'deployments');
export const JOB: Resource = namespaced('batch/v1', 'Job', 'jobs');
