import { z } from 'zod';
import type { KubeObject } from '../kube/resource.ts';

const serviceSpec = z.object({
  selector: z.record(z.string(), z.string()).nullish(),
});
const backend = z.object({ service: z.object({ name: z.string() }).nullish() });
const ingressSpec = z.object({
  defaultBackend: backend.nullish(),
  rules: z.array(z.object({ http: z.object({ paths: z.array(z.object({ backend })) }).nullish() })).nullish(),
});
const routeSpec = z.object({
  rules: z
    .array(
      z.object({
        backendRefs: z
          .array(z.object({ name: z.string(), kind: z.string().nullish(), namespace: z.string().nullish() }))
          .nullish(),
      }),
    )
    .nullish(),
});

/** The objects of the hub that send traffic somewhere, of all namespaces. */
export interface TrafficSources {
  readonly services: Iterable<KubeObject>;
  readonly ingresses: Iterable<KubeObject>;
  readonly httpRoutes: Iterable<KubeObject>;
}

export interface TrafficTarget {
  readonly namespace: string;
  readonly name: string;
  /** Labels of the pod template. */
  readonly podLabels: Readonly<Record<string, string>>;
}

function selects(service: KubeObject, target: TrafficTarget): boolean {
  const parsed = serviceSpec.safeParse(service.spec);
  const selector = Object.entries(parsed.data?.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => target.podLabels[key] === value);
}

function ingressBackends(ingress: KubeObject): string[] {
  const parsed = ingressSpec.safeParse(ingress.spec);
  if (!parsed.success) return [];
  const paths = (parsed.data.rules ?? []).flatMap((rule) => rule.http?.paths ?? []);
  const backends = [parsed.data.defaultBackend, ...paths.map((path) => path.backend)];
  return backends.map((each) => each?.service?.name).filter((name) => name !== undefined);
}

function routeBackends(route: KubeObject, namespace: string): string[] {
  const parsed = routeSpec.safeParse(route.spec);
  if (!parsed.success) return [];
  return (parsed.data.rules ?? [])
    .flatMap((rule) => rule.backendRefs ?? [])
    .filter((ref) => (ref.kind ?? 'Service') === 'Service')
    .filter((ref) => (ref.namespace ?? route.metadata.namespace) === namespace)
    .map((ref) => ref.name);
}

/** The namespaces whose Services an HTTPRoute sends traffic to. */
export function routeTargets(route: KubeObject): string[] {
  const refs = (routeSpec.safeParse(route.spec).data?.rules ?? []).flatMap((rule) => rule.backendRefs ?? []);
  return [...new Set(refs.map((ref) => ref.namespace ?? route.metadata.namespace ?? ''))];
}

/**
 * What sends traffic to a workload, for people, or null. A Service that selects its pods is enough. An Ingress or
 * HTTPRoute whose Service is not on the hub counts when that Service has the workload's name: it may exist in the
 * members alone.
 */
export function servesTraffic(target: TrafficTarget, sources: TrafficSources): string | null {
  const known = new Set<string>();
  for (const service of sources.services) {
    if (service.metadata.namespace !== target.namespace) continue;
    known.add(service.metadata.name);
    if (selects(service, target)) return `Service ${target.namespace}/${service.metadata.name}`;
  }
  if (known.has(target.name)) return null;
  for (const ingress of sources.ingresses) {
    if (ingress.metadata.namespace !== target.namespace) continue;
    if (ingressBackends(ingress).includes(target.name))
      return `Ingress ${target.namespace}/${ingress.metadata.name}`;
  }
  for (const route of sources.httpRoutes) {
    if (routeBackends(route, target.namespace).includes(target.name)) {
      return `HTTPRoute ${route.metadata.namespace ?? ''}/${route.metadata.name}`;
    }
  }
  return null;
}
