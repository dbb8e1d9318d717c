import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type CarbonMap, createLocationResolver } from '@windvane/carbon-map';
import { parse } from 'yaml';
import { decide } from '../../../src/engine/decide.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { connectKube } from '../../../src/kube/connect.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';
import { noOutlook } from '../../../src/outlook/outlook.ts';
import { createKarmadaPlane } from '../../../src/planes/karmada/index.ts';
import { CLUSTER, OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import type { PlacementView, Plane } from '../../../src/planes/plane.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../../src/planes/shared/resources.ts';
import { mapOf } from '../../../test/planes/karmada/support/maps.ts';
import { type Recording, record } from '../../../test/planes/karmada/support/recording.ts';
import { DEPLOYMENT, type Seen } from '../../../test/planes/karmada/support/world.ts';
import { addNode, connectMembers, type Kubelets, playKubelets } from './kubelets.ts';

const CRD_TYPE: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const CRD = new URL('../../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
/** One zone per cluster, in the order of names. */
const ZONES = ['SE-SE3', 'DE', 'US-MIDA-PJM', 'FR'] as const;
const LIMITS = { inFlight: 32, writesPerSecond: 1_000, writeBurst: 1_000 };

/** Where the live control plane is; null when nothing says so. */
export function liveKarmada(): { readonly kubeconfig: string; readonly members: string | null } | null {
  const kubeconfig = process.env['WINDVANE_E2E_KARMADA_KUBECONFIG'] ?? '';
  if (kubeconfig === '') return null;
  return { kubeconfig, members: process.env['WINDVANE_E2E_MEMBER_KUBECONFIGS'] ?? null };
}

export interface Live {
  readonly user: KubeApi;
  readonly namespace: string;
  /** Ready clusters that take part, by name. */
  readonly clusters: readonly string[];
  readonly kubelets: Kubelets | null;
  recording(): Recording;
  /** Starts a controller that serves this namespace only; the one before is stopped. */
  control(): Promise<Plane>;
  /** Grams per cluster, in the order of names. */
  wind(grams: readonly number[]): void;
  view(name: string): PlacementView | undefined;
  pins(): Promise<readonly KubeObject[]>;
  until<T>(what: string, look: () => Promise<T | null | undefined> | T | null | undefined): Promise<T>;
  stop(): Promise<void>;
}

export async function openLive(where: NonNullable<ReturnType<typeof liveKarmada>>): Promise<Live> {
  const user = connectKube({ path: where.kubeconfig, limits: LIMITS, manager: 'somebody' });
  await user.apply(CRD_TYPE, parse(readFileSync(CRD, 'utf8')), { force: true });
  const { items } = await user.list(CLUSTER);
  const clusters = items
    .map(({ metadata }) => metadata.name)
    .sort()
    .slice(0, ZONES.length);
  const namespace = `windvane-e2e-${randomUUID().slice(0, 8)}`;
  await user.create(NAMESPACE, { metadata: { name: namespace } });
  const members = where.members === null ? null : connectMembers(where.members, clusters);
  for (const api of members?.values() ?? []) await addNode(api);
  const kubelets = members === null ? null : playKubelets(members, namespace);
  const locations = createLocationResolver();
  let map: CarbonMap | null = null;
  let plane: Plane | null = null;
  let recording: Recording | null = null;

  const until: Live['until'] = async (what, look) => {
    const end = Date.now() + 90_000;
    while (Date.now() < end) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      await delay(100);
    }
    throw new Error(
      `${what}: not within 90 s; ${JSON.stringify(plane?.placements().map((each) => each.conditions))}`,
    );
  };
  const summarized = async (): Promise<true | null> => {
    const seen: readonly Seen[] = (await user.list(CLUSTER)).items;
    const free = seen.filter(({ status }) => (status?.resourceSummary?.allocatable?.pods ?? '0') !== '0');
    return free.length >= clusters.length ? true : null;
  };
  await until('every member has nodes', summarized);
  return {
    user,
    namespace,
    clusters,
    kubelets,
    recording() {
      if (recording === null) throw new Error('no controller was started');
      return recording;
    },
    async control() {
      await plane?.stop();
      recording = record(connectKube({ path: where.kubeconfig, limits: LIMITS }));
      plane = createKarmadaPlane({
        kube: recording.api,
        hub: 'live',
        config: {
          mode: 'act',
          namespaces: [namespace],
          clusterLocations: Object.fromEntries(clusters.map((name, index) => [name, ZONES[index] ?? 'DE'])),
          limits: { replicasPerHour: 1_000, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 1_000 },
        },
        locations,
        decide,
        log: {
          info() {},
          warn() {},
          error: (fields, message) => void process.stdout.write(`${message} ${JSON.stringify(fields)}\n`),
        },
        currentMap: () => map,
      });
      await plane.start();
      await until('the CRD is served', async () => ((await user.serves(CARBON_PLACEMENT)) ? true : null));
      return plane;
    },
    wind(grams) {
      map = mapOf(Date.now(), Object.fromEntries(ZONES.map((zone, index) => [zone, grams[index] ?? 400])));
      plane?.mapChanged(map, noOutlook);
    },
    view: (name) => plane?.placements().find((each) => each.namespace === namespace && each.name === name),
    pins: async () => (await user.list(OVERRIDE_POLICY, { namespace })).items,
    until,
    async stop() {
      await plane?.stop();
      await kubelets?.stop();
      for (const type of [DEPLOYMENT, PROPAGATION_POLICY]) {
        for (const { metadata } of (await user.list(type, { namespace })).items) {
          await user.delete(type, metadata).catch((error: unknown) => {
            if (!isKubeError(error, 'not-found')) throw error;
          });
        }
      }
      await user.delete(NAMESPACE, { name: namespace });
    },
  };
}
