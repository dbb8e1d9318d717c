import { asNumber, asObject, type JsonObject, type KubeObject } from '../../runtime/client/object.ts';

function podsOf(object: KubeObject): number | undefined {
  const spec = asObject(object.spec);
  switch (`${object.apiVersion}/${object.kind}`) {
    case 'apps/v1/Deployment':
    case 'apps/v1/StatefulSet':
    case 'apps/v1/ReplicaSet':
      return asNumber(spec['replicas'], 1);
    case 'apps/v1/DaemonSet':
    case 'v1/Pod':
      return 1;
    case 'batch/v1/Job':
      return asNumber(spec['parallelism'], 1);
    default:
      return undefined;
  }
}

/** Whether there are pods that take their time to start. */
export function runsPods(object: KubeObject): boolean {
  return (podsOf(object) ?? 0) > 0;
}

/** The status that a cluster's own controllers give an object, with its pods ready or still starting. */
export function memberStatus(object: KubeObject, ready: boolean): JsonObject | undefined {
  const pods = podsOf(object);
  if (pods === undefined) return undefined;
  const up = ready ? pods : 0;
  switch (object.kind) {
    case 'DaemonSet':
      return {
        desiredNumberScheduled: pods,
        currentNumberScheduled: pods,
        numberReady: up,
        numberAvailable: up,
      };
    case 'Pod': {
      const status = ready ? 'True' : 'False';
      return { phase: ready ? 'Running' : 'Pending', conditions: [{ type: 'Ready', status }] };
    }
    case 'Job':
      return { active: pods, ready: up };
    default:
      return {
        observedGeneration: 1,
        replicas: pods,
        updatedReplicas: pods,
        readyReplicas: up,
        availableReplicas: up,
      };
  }
}
