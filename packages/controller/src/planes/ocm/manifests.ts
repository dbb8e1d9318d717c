import { servesTraffic } from '../../optin/serves-traffic.ts';
import type { Manifest } from './read/replica-set.ts';

/** What sends traffic to the pods of some manifests, for people, as far as the manifests themselves tell. */
export function trafficIn(manifests: readonly Manifest[]): string | null {
  const ofKind = (kind: string) => manifests.filter((each) => each.kind === kind).map(({ object }) => object);
  const sources = {
    services: ofKind('Service'),
    ingresses: ofKind('Ingress'),
    httpRoutes: ofKind('HTTPRoute'),
  };
  for (const { object, podLabels } of manifests) {
    if (podLabels === null) continue;
    const { name, namespace = '' } = object.metadata;
    const found = servesTraffic({ namespace, name, podLabels }, sources);
    if (found !== null) return found;
  }
  return null;
}

/** Data that would stay behind when the manifests move to another cluster, for people; null for none. */
export function storageIn(manifests: readonly Manifest[]): string | null {
  for (const { object, kind, claimsStorage } of manifests) {
    const label = `${kind} ${object.metadata.name}`;
    if (kind === 'StatefulSet' || kind === 'PersistentVolumeClaim') return `holds ${label}`;
    if (claimsStorage) return `holds ${label}, which mounts a PersistentVolumeClaim`;
  }
  return null;
}
