import type { KubeObject } from '../../../kube/resource.ts';
import { storedScores } from '../read/scores.ts';
import { STEERING_SCORES } from '../steering.ts';

/** Keys of the Placements that steering scores speak of. */
export function strayNames(objects: Iterable<KubeObject>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const object of objects) {
    if (object.metadata.name !== STEERING_SCORES) continue;
    for (const name of storedScores(object).values.keys()) keys.add(name.replace('.', '/'));
  }
  return keys;
}
