import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type CarbonMap, createLocationResolver } from '@windvane/carbon-map';
import { parse } from 'yaml';
import { decide } from '../../../src/engine/decide.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { connectKube } from '../../../src/kube/connect.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { ResourceType } from '../../../src/kube/resource.ts';
import { noOutlook } from '../../../src/outlook/outlook.ts';
import { createOcmPlane } from '../../../src/planes/ocm/index.ts';
import {
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/planes/ocm/resources.ts';
import type { PlacementView, Plane } from '../../../src/planes/plane.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../../src/planes/shared/resources.ts';
import { mapOf } from '../../../test/planes/karmada/support/maps.ts';
import { type Recording, record } from '../../../test/planes/karmada/support/recording.ts';
import type { Seen } from '../../../test/planes/karmada/support/world.ts';
import { clusterSet, setBinding } from '../../../test/planes/ocm/support/objects.ts';
import { type PlayedAgents, playAgents, registerClusters } from './agents.ts';

const CRD_TYPE: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const CRD = new URL('../../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
/** One zone per cluster, in the order of names. */
const ZONES = ['SE-SE3', 'DE', 'US-MIDA-PJM'] as const;
const PLAYED = ZONES.map((_, index) => `windvane-e2e-${index + 1}`);
const LIMITS = { inFlight: 32, writesPerSecond: 1_000, writeBurst: 1_000 };

/** Where the live hub is, and whether its clusters have agents; null when nothing says so. */
export function liveHub(): { readonly kubeconfig: string; readonly played: boolean } | null {
  const kubeconfig = process.env['WINDVANE_E2E_OCM_KUBECONFIG'] ?? '';
  if (kubeconfig === '') return null;
  return { kubeconfig, played: process.env['WINDVANE_E2E_OCM_AGENTS'] === 'played' };
}

export interface Live {
  readonly user: KubeApi;
  readonly namespace: string;
  /** Clusters that take part, by name. */
  readonly clusters: readonly string[];
  readonly agents: PlayedAgents | null;
  recording(): Recording;
  /** Starts a controller that serves this namespace only. */
  control(): Promise<Plane>;
  stopControl(): Promise<void>;
  /** Grams per cluster, in the order of names. */
  wind(grams: readonly number[]): void;
  view(name: string): PlacementView | undefined;
  placement(name: string): Promise<Seen>;
  /** The clusters that OCM has decided for. */
  decided(name: string): Promise<string>;
  /** Clusters in which the work of a ManifestWorkReplicaSet is available. */
  available(name: string): Promise<readonly string[]>;
  until<T>(what: string, look: () => Promise<T | null | undefined> | T | null | undefined): Promise<T>;
  stop(): Promise<void>;
}

export async function openLive(where: NonNullable<ReturnType<typeof liveHub>>): Promise<Live> {
  const user = connectKube({ path: where.kubeconfig, limits: LIMITS, manager: 'somebody' });
  await user.apply(CRD_TYPE, parse(readFileSync(CRD, 'utf8')), { force: true });
  if (where.played) await registerClusters(user, PLAYED);
  const { items } = await user.list(MANAGED_CLUSTER);
  const clusters = (where.played ? PLAYED : items.map(({ metadata }) => metadata.name))
    .toSorted()
    .slice(0, ZONES.length);
  if (clusters.length < ZONES.length) throw new Error(`the hub needs ${ZONES.length} managed clusters`);
  const id = randomUUID().slice(0, 8);
  const [namespace, set] = [`windvane-e2e-${id}`, `windvane-e2e-${id}`];
  const mark = (value: string | null) =>
    Promise.all(
      clusters.map((name) =>
        user.mergePatch(MANAGED_CLUSTER, { name }, { metadata: { labels: { 'windvane-e2e': value } } }),
      ),
    );
  await mark(id);
  await user.create(MANAGED_CLUSTER_SET, clusterSet(set, { 'windvane-e2e': id }));
  await user.create(NAMESPACE, { metadata: { name: namespace } });
  await user.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, set));
  const agents = where.played ? playAgents(user, clusters) : null;
  const locations = createLocationResolver();
  let map: CarbonMap | null = null;
  let plane: Plane | null = null;
  let recording: Recording | null = null;

  const until: Live['until'] = async (what, look) => {
    const end = Date.now() + 90_000;
    while (Date.now() < end) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      await delay(50);
    }
    throw new Error(
      `${what}: not within 90 s; ${JSON.stringify(plane?.placements().map((each) => each.conditions))}`,
    );
  };
  return {
    user,
    namespace,
    clusters,
    agents,
    recording() {
      if (recording === null) throw new Error('no controller was started');
      return recording;
    },
    async control() {
      await plane?.stop();
      recording = record(connectKube({ path: where.kubeconfig, limits: LIMITS }));
      plane = createOcmPlane({
        kube: recording.api,
        hub: 'live',
        config: {
          mode: 'act',
          namespaces: [namespace],
          scores: null,
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
    async stopControl() {
      await plane?.stop();
      plane = null;
    },
    wind(grams) {
      map = mapOf(Date.now(), Object.fromEntries(ZONES.map((zone, index) => [zone, grams[index] ?? 400])));
      plane?.mapChanged(map, noOutlook);
    },
    view: (name) => plane?.placements().find((each) => each.namespace === namespace && each.name === name),
    placement: (name) => user.get(PLACEMENT, { namespace, name }),
    async decided(name) {
      const { items: decisions } = await user.list(PLACEMENT_DECISION, { namespace });
      return decisions
        .filter(({ metadata }) => metadata.labels?.['cluster.open-cluster-management.io/placement'] === name)
        .flatMap((decision: Seen) => decision['status']?.decisions ?? [])
        .map(({ clusterName }: { clusterName: string }) => clusterName)
        .toSorted()
        .join(' ');
    },
    async available(name) {
      const owner = `${namespace}.${name}`;
      const { items: works } = await user.list(MANIFEST_WORK);
      return works
        .filter(
          ({ metadata }) =>
            metadata.labels?.['work.open-cluster-management.io/manifestworkreplicaset'] === owner,
        )
        .filter((work: Seen) =>
          (work['status']?.conditions ?? []).some(
            ({ type, status }: { type: string; status: string }) => type === 'Available' && status === 'True',
          ),
        )
        .map(({ metadata }) => metadata.namespace ?? '')
        .toSorted();
    },
    until,
    async stop() {
      await plane?.stop();
      for (const type of [MANIFEST_WORK_REPLICA_SET, PLACEMENT, MANAGED_CLUSTER_SET_BINDING]) {
        for (const { metadata } of (await user.list(type, { namespace })).items) {
          await user.delete(type, metadata).catch((error: unknown) => {
            if (!isKubeError(error, 'not-found')) throw error;
          });
        }
      }
      await agents?.stop();
      await user.delete(MANAGED_CLUSTER_SET, { name: set });
      await user.delete(NAMESPACE, { name: namespace });
      await mark(null);
    },
  };
}
