import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { divide } from '../../src/engine/division/webster.ts';
import { bindingView } from '../../src/planes/karmada/binding.ts';
import { canonicalWeights } from '../../src/planes/karmada/policy.ts';
import { PROPAGATION_POLICY, RESOURCE_BINDING } from '../../src/planes/karmada/resources.ts';
import { ensureSystemNamespace } from '../../src/planes/shared/freeze.ts';
import { CONFIG_MAP } from '../../src/planes/shared/resources.ts';
import { deployment, FOLLOW, policy } from '../../test/planes/karmada/support/manifests.ts';
import { DEPLOYMENT } from '../../test/planes/karmada/support/world.ts';
import { type Live, liveKarmada, openLive } from './support/live.ts';

const where = liveKarmada();
if (where === null) {
  process.stdout.write('Live Karmada: skipped, WINDVANE_E2E_KARMADA_KUBECONFIG names no kubeconfig\n');
} else if (where.members === null) {
  process.stdout.write(
    'Live Karmada: WINDVANE_E2E_MEMBER_KUBECONFIGS is not set, so members need kubelets of their own\n',
  );
}
const CASES = 30;
const LAST_CLEAN = [400, 350, 450, 30];
const FREEZE = { namespace: 'windvane-system', name: 'windvane-freeze' };

describe.skipIf(where === null)('a live Karmada', () => {
  let live: Live;
  beforeEach(async () => {
    if (where === null) throw new Error('skipped');
    live = await openLive(where);
  });
  afterEach(() => live.stop());

  const binding = async (name: string) =>
    bindingView(
      await live.user.get(RESOURCE_BINDING, { namespace: live.namespace, name: `${name}-deployment` }),
    );
  const even = (): Record<string, number> => Object.fromEntries(live.clusters.map((name) => [name, 1]));
  const create = async (name: string, weights: Record<string, number> | null): Promise<void> => {
    const annotations = { ...FOLLOW, 'windvane.dev/min-replicas': '0' };
    await live.user.create(
      PROPAGATION_POLICY,
      policy(live.namespace, name, {
        annotations,
        clusters: live.clusters,
        ...(weights === null ? {} : { weights }),
      }),
    );
    await live.user.create(DEPLOYMENT, deployment(live.namespace, name, { replicas: 12, annotations: {} }));
  };

  it('divides as predicted, whatever the weights', async () => {
    await live.user.create(
      PROPAGATION_POLICY,
      policy(live.namespace, 'web', { clusters: live.clusters, weights: even() }),
    );
    await live.user.create(DEPLOYMENT, deployment(live.namespace, 'web', { replicas: 1, annotations: {} }));
    const bound = await live.until('bound', () => binding('web').catch(() => null));
    for (let index = 0; index < CASES; index += 1) {
      const weights = Object.fromEntries(
        live.clusters.map((name) => [name, 1 + Math.floor(Math.random() * 10 ** (1 + (index % 3)))]),
      );
      const replicas = 1 + Math.floor(Math.random() * 40);
      const object = { namespace: live.namespace, name: 'web' };
      const list = canonicalWeights(weights);
      await live.user.mergePatch(PROPAGATION_POLICY, object, {
        spec: { placement: { replicaScheduling: { weightPreference: { staticWeightList: list } } } },
      });
      await live.user.mergePatch(DEPLOYMENT, object, { spec: { replicas } });
      const predicted = divide(weights, replicas, bound.resource.uid);
      const actual = await live.until(`case ${index}`, async () => {
        const now = await binding('web');
        const copied = JSON.stringify(now?.placement).includes(JSON.stringify(list[0]?.weight));
        const sum = Object.values(now?.assigned ?? {}).reduce((a, b) => a + b, 0);
        return now?.settled === true && copied && now.replicas === replicas && sum === replicas
          ? now.assigned
          : null;
      });
      expect({ weights, replicas, division: actual }).toEqual({ weights, replicas, division: predicted });
    }
  });

  it('follows the wind behind pins: members never run less, a cluster is left whole, no pin stays', async () => {
    await create('web', null);
    await live.until('everything runs', async () => {
      const available = Object.values((await binding('web').catch(() => null))?.available ?? {});
      return available.reduce((a, b) => a + b, 0) === 12 ? true : null;
    });
    live.kubelets?.least();
    live.wind(LAST_CLEAN);
    await live.control();
    const cleanest = live.clusters.at(-1) ?? '';
    await live.until('the move is complete', () => {
      const view = live.view('web');
      const done = view?.moves.at(-1)?.result === 'completed' && view.state === 'Steady';
      return done && view.summary?.split === `${cleanest} 12` ? true : null;
    });
    // Where members have kubelets of their own nobody samples them.
    expect(live.kubelets?.least() ?? 12).toBeGreaterThanOrEqual(12);
    expect(await live.pins()).toEqual([]);
    const kinds = new Set(
      live
        .recording()
        .stored()
        .map((write) => write.kind),
    );
    expect([...kinds].sort()).toEqual(['CarbonPlacement', 'Event', 'OverridePolicy', 'PropagationPolicy']);
  });

  it('takes a step back under a freeze, and is silent then', async () => {
    await create('web', null);
    await live.until('everything runs', async () => {
      const available = Object.values((await binding('web').catch(() => null))?.available ?? {});
      return available.reduce((a, b) => a + b, 0) === 12 ? true : null;
    });
    const before = (await binding('web'))?.assigned;
    live.kubelets?.serve(false);
    live.wind(LAST_CLEAN);
    await live.control();
    await live.until('pins are there', async () => ((await live.pins()).length > 0 ? true : null));
    await ensureSystemNamespace(live.user);
    try {
      await live.user.create(CONFIG_MAP, { metadata: FREEZE, data: { frozen: 'true', reason: 'a test' } });
      await live.until('rolled back', async () => {
        const rolledBack = live.view('web')?.moves.at(-1)?.result === 'rolled-back';
        return rolledBack && (await live.pins()).length === 0 ? true : null;
      });
      expect((await binding('web'))?.assigned).toEqual(before);
      live.recording().clear();
      live.wind(LAST_CLEAN.toReversed());
      await live.until('at rest', () => (live.view('web')?.state === 'Frozen' ? true : null));
      expect(
        live
          .recording()
          .stored()
          .filter((write) => write.kind !== 'CarbonPlacement' && write.kind !== 'Event'),
      ).toEqual([]);
    } finally {
      await live.user.delete(CONFIG_MAP, FREEZE);
    }
  });

  it('adopts weights that came with the manifest by one forced apply', async () => {
    await create('web', even());
    live.wind(LAST_CLEAN);
    await live.control();
    await live.until('adopted', () => (live.view('web')?.moves.at(-1)?.result === 'completed' ? true : null));
    const forces = live
      .recording()
      .stored()
      .filter((write) => write.verb === 'apply' && write.kind === 'PropagationPolicy')
      .map((write) => write.force);
    expect(forces.filter(Boolean)).toHaveLength(1);
    expect(forces[0]).toBe(true);
    expect(live.view('web')?.found?.present).toBe(true);
  });
});
