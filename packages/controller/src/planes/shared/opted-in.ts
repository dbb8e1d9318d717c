import type { KubeObject } from '../../kube/resource.ts';
import { userAnnotations } from '../../optin/keys.ts';

/** Whether an object says something about its placement. */
export function isOptedIn(object: KubeObject): boolean {
  return userAnnotations(object.metadata.annotations)['placement'] !== undefined;
}
