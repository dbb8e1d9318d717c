import { kedaDefinitions } from '@windvane/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeApi } from '../../src/kube/api.ts';
import { isKubeError } from '../../src/kube/errors.ts';
import type { ResourceType } from '../../src/kube/resource.ts';
import { CLUSTER, JOB, PROPAGATION_POLICY, SCALED_OBJECT } from '../../src/planes/karmada/resources.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../../src/planes/shared/resources.ts';
import { deployment, FOLLOW, job, policy } from '../../test/planes/karmada/support/manifests.ts';
import { DEPLOYMENT, type Seen } from '../../test/planes/karmada/support/world.ts';
import { type Live, liveKarmada, openLive } from './support/live.ts';

const where = liveKarmada();
const FIRST_CLEAN = [30, 450, 350, 400];
const LAST_CLEAN = [400, 350, 450, 30];
const RETAIN = { 'resourcetemplate.karmada.io/retain-replicas': 'true' };
/** Caps are lowered two minutes after others were raised. */
const CAPS_PATIENCE = 300_000;

/** What a member holds, or null. */
async function held(api: KubeApi | undefined, type: ResourceType, namespace: string, name: string) {
  try {
    const seen: Seen | undefined = await api?.get(type, { namespace, name });
    return seen ?? null;
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
    return null;
  }
}

describe.skipIf(where === null || where.members === null)('Jobs and caps on a live Karmada', () => {
  let live: Live;
  beforeEach(async () => {
    if (where === null) throw new Error('skipped');
    live = await openLive(where);
  });
  afterEach(() => live.stop());

  async function holders(type: ResourceType, name: string): Promise<readonly string[]> {
    const found = await Promise.all(
      live.clusters.map(async (cluster) => {
        const object = await held(live.members?.get(cluster), type, live.namespace, name);
        return object === null ? [] : [cluster];
      }),
    );
    return found.flat();
  }

  it('starts a Job once, in the cleanest cluster, by a policy that goes with it', async () => {
    live.wind(LAST_CLEAN);
    await live.control();
    const made = await live.user.create(JOB, job(live.namespace, 'etl'));
    const cleanest = live.clusters.at(-1) ?? '';
    await live.until('the Job is there', async () => ((await holders(JOB, 'etl')).length > 0 ? true : null));
    await live.until('dispatched', () => (live.view('etl')?.state === 'Dispatched' ? true : null));
    expect(await holders(JOB, 'etl')).toEqual([cleanest]);
    const policies = async () =>
      (await live.user.list(PROPAGATION_POLICY, { namespace: live.namespace })).items;
    const [own, ...others] = await policies();
    expect(others).toEqual([]);
    expect(own?.metadata.ownerReferences).toEqual([
      { apiVersion: 'batch/v1', kind: 'Job', name: 'etl', uid: made.metadata.uid },
    ]);

    // A wind that turns leaves what runs where it is.
    live.recording().clear();
    live.wind(FIRST_CLEAN);
    await live.user.create(JOB, job(live.namespace, 'next'));
    await live.until('the next Job is there', async () =>
      (await holders(JOB, 'next')).length > 0 ? true : null,
    );
    expect(await holders(JOB, 'next')).toEqual([live.clusters[0]]);
    expect(await holders(JOB, 'etl')).toEqual([cleanest]);
    const touched = live.recording().stored();
    expect(
      touched.filter(({ kind, name }) => kind === 'PropagationPolicy' && name === own?.metadata.name),
    ).toEqual([]);

    await live.user.delete(JOB, { namespace: live.namespace, name: 'etl' });
    await live.until('the Job is gone from the member', async () =>
      (await holders(JOB, 'etl')).length === 0 ? true : null,
    );
    await live.until('its policy is gone', async () =>
      (await policies()).every(({ metadata }) => metadata.name !== own?.metadata.name) ? true : null,
    );
  });

  it('caps what KEDA scales in the members: the clean one is free, the others keep the floor', async () => {
    for (const text of kedaDefinitions) {
      for (const api of [live.user, ...(live.members?.values() ?? [])]) {
        await api.apply(CUSTOM_RESOURCE_DEFINITION, parse(text), { force: true });
      }
    }
    await live.until('Karmada knows ScaledObjects in every member', async () => {
      const clusters: readonly Seen[] = (await live.user.list(CLUSTER)).items;
      const served = clusters.filter(
        ({ metadata, status }) =>
          live.clusters.includes(metadata.name) &&
          JSON.stringify(status?.apiEnablements ?? []).includes('keda.sh/v1alpha1'),
      );
      return served.length === live.clusters.length ? true : null;
    });
    const { namespace } = live;
    const selectors = [
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'worker' },
      { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'worker' },
    ];
    const annotations = { ...FOLLOW, 'windvane.dev/max-step': '100', 'windvane.dev/cooldown': '0s' };
    await live.user.create(
      PROPAGATION_POLICY,
      policy(namespace, 'worker', { clusters: live.clusters, spec: { resourceSelectors: selectors } }),
    );
    await live.user.create(SCALED_OBJECT, {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { namespace, name: 'worker' },
      spec: {
        scaleTargetRef: { name: 'worker' },
        maxReplicaCount: 30,
        triggers: [{ type: 'cron', metadata: {} }],
      },
    });
    await live.user.create(
      DEPLOYMENT,
      deployment(namespace, 'worker', { replicas: live.clusters.length, annotations, labels: RETAIN }),
    );
    const maxima = async () =>
      Promise.all(
        live.clusters.map(async (cluster) => {
          const object = await held(live.members?.get(cluster), SCALED_OBJECT, namespace, 'worker');
          return object?.['spec'].maxReplicaCount ?? null;
        }),
      );
    await live.until('it is everywhere', async () =>
      (await maxima()).every((max) => max === 30) ? true : null,
    );
    live.wind(LAST_CLEAN);
    await live.control();
    const settled = async (expected: readonly number[]): Promise<void> => {
      await live.until(
        `caps ${expected.join(' ')}`,
        async () => (JSON.stringify(await maxima()) === JSON.stringify(expected) ? true : null),
        CAPS_PATIENCE,
      );
    };
    await settled([1, 1, 1, 30]);
    await live.until('at rest', () => (live.view('worker')?.state === 'Steady' ? true : null), CAPS_PATIENCE);
    live.wind(FIRST_CLEAN);
    // Raised first: at no time is there less room than a cluster's maximum.
    await settled([30, 1, 1, 30]);
    await settled([30, 1, 1, 1]);
    await live.user.delete(SCALED_OBJECT, { namespace, name: 'worker' });
  }, 900_000);
});
