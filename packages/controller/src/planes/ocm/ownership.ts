import type { KubeObject } from '../../kube/resource.ts';
import { type FoundRecord, foundRecord } from '../shared/annotations.ts';
import { foundGeneration } from './move/step-record.ts';
import { otherOwners, ownsPolicy } from './steering.ts';

/** The intent to take the Placement over is stored, and nothing was written yet. */
function isUnwritten(placement: KubeObject): boolean {
  return foundGeneration(placement) === placement.metadata.generation;
}

/**
 * Who took the prioritizer policy back after Windvane wrote it under this opt-in; null when nobody did. It must not be
 * taken again then.
 */
export function revertedBy(placement: KubeObject, optIn: string): string | null {
  const found = foundRecord(placement);
  if (found === null || found.optIn !== optIn || ownsPolicy(placement) || isUnwritten(placement)) return null;
  const owners = otherOwners(placement);
  return owners.length === 0 ? 'somebody' : owners.join(', ');
}

export function revertedMessage(label: string, by: string): string {
  return `${by} took back the prioritizerPolicy of ${label}; Windvane only observes it until a windvane.dev annotation changes. Leave prioritizerPolicy out of the manifest to let Windvane write it`;
}

/** The one forced apply of this opt-in was made. */
export function wasForced(placement: KubeObject, found: FoundRecord | null, optIn: string): boolean {
  return found !== null && found.forced && found.optIn === optIn && !isUnwritten(placement);
}
