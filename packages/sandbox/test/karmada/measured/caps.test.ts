import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../src/karmada/resources.ts';
import { EVENT } from '../../../src/runtime/client/resource.ts';
import { DEPLOYMENT, SCALED_OBJECT } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { scaledObjectDefinition } from '../support/keda.ts';
import { deployment, divided, override, policy, selecting, weights } from '../support/objects.ts';
import { MEMBERS, startWorld, type World } from '../support/world.ts';

const withoutKeda = [{ groupVersion: 'apps/v1', kinds: ['Deployment'] }];

describe.each(servers)('caps on a propagated ScaledObject, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    const members = [...MEMBERS.map((name) => ({ name })), { name: 'm4', apis: withoutKeda }];
    world = await startWorld(server, { members, crds: [scaledObjectDefinition] });
  }, 120_000);
  afterAll(() => world.stop());

  const scaledObject = (namespace: string, spec: object) => ({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'worker', namespace },
    spec: { scaleTargetRef: { name: 'worker' }, triggers: [{ type: 'cpu', metadata: {} }], ...spec },
  });
  const propagated = async (spec: object): Promise<string> => {
    const namespace = await world.namespace();
    const scaled = scaledObject(namespace, spec);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'worker', selecting(scaled), {}));
    await world.api.create(SCALED_OBJECT, scaled);
    await world.settled();
    return namespace;
  };
  const cap = async (namespace: string, cluster: string, operator: string, value: number): Promise<void> => {
    const step = { path: '/spec/maxReplicaCount', operator, value };
    const scaled = scaledObject(namespace, {});
    await world.api.create(OVERRIDE_POLICY, override(namespace, `cap-${cluster}`, scaled, cluster, [step]));
    await world.settled();
  };
  const maximum = (cluster: string, namespace: string): unknown =>
    world.karmada.members.get(cluster, 'ScaledObject', namespace, 'worker')?.spec?.['maxReplicaCount'];

  it.each([
    ['in the template', { maxReplicaCount: 10 }, 10],
    ['not in the template', {}, undefined],
  ])('adds the field %s, per member, and gives it back', async (_what, spec, template) => {
    const namespace = await propagated(spec);
    await cap(namespace, 'm1', 'add', 2);
    await cap(namespace, 'm2', 'add', 20);
    expect(MEMBERS.map((cluster) => maximum(cluster, namespace))).toEqual([2, 20, template]);
    await world.api.remove(OVERRIDE_POLICY, namespace, 'cap-m1');
    await world.settled();
    expect(maximum('m1', namespace)).toBe(template);
  });

  it('fails to replace a missing field: an event, and the old value stays', async () => {
    const namespace = await propagated({});
    await cap(namespace, 'm1', 'replace', 2);
    expect(maximum('m1', namespace)).toBeUndefined();
    const events = await world.api.list(EVENT, namespace);
    const failures = events.filter(
      (event) => 'reason' in event && event.reason === 'ApplyOverridePolicyFailed',
    );
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({
      type: 'Warning',
      message: `Apply override policy(${namespace}/cap-m1) for cluster(m1) failed.`,
      involvedObject: { kind: 'ScaledObject', name: 'worker' },
    });
    // The others go on.
    await world.api.patch(SCALED_OBJECT, namespace, 'worker', { spec: { pollingInterval: 7 } });
    await world.settled();
    const interval = (cluster: string): unknown =>
      world.karmada.members.get(cluster, 'ScaledObject', namespace, 'worker')?.spec?.['pollingInterval'];
    expect([interval('m1'), interval('m2')]).toEqual([undefined, 7]);
  });

  it('goes to no member that does not serve its API, until it does', async () => {
    const namespace = await propagated({});
    expect(await world.schedule(namespace, 'worker-scaledobject')).toBe('m1 m2 m3');
    world.karmada.setApis('m4', [
      ...withoutKeda,
      { groupVersion: 'keda.sh/v1alpha1', kinds: ['ScaledObject'] },
    ]);
    await world.settled();
    expect(await world.schedule(namespace, 'worker-scaledobject')).toBe('m1 m2 m3 m4');
    const { status } = await world.api.get(CLUSTER, undefined, 'm4');
    expect(status.apiEnablements).toHaveLength(2);
    world.karmada.setApis('m4', withoutKeda);
    await world.settled();
    // Where it is it stays: only newcomers are asked for their APIs.
    expect(await world.schedule(namespace, 'worker-scaledobject')).toBe('m1 m2 m3 m4');
  });

  it('leaves replicas to the member under retain-replicas, also when the share changes', async () => {
    const namespace = await world.namespace();
    const labels = { 'resourcetemplate.karmada.io/retain-replicas': 'true' };
    const worker = deployment(namespace, 'worker', 4, { labels });
    const placement = divided(weights(['m1', 1], ['m2', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'worker', selecting(worker), placement));
    await world.api.create(DEPLOYMENT, worker);
    await world.settled();
    world.karmada.members.edit('m1', 'Deployment', namespace, 'worker', (object) => ({
      ...object,
      spec: { ...object.spec, replicas: 9 },
    }));
    await world.settled();
    const replicas = (cluster: string): unknown =>
      world.karmada.members.get(cluster, 'Deployment', namespace, 'worker')?.spec?.['replicas'];
    expect([replicas('m1'), replicas('m2')]).toEqual([9, 2]);
    await world.api.patch(DEPLOYMENT, namespace, 'worker', { spec: { replicas: 10 } });
    await world.settled();
    expect([replicas('m1'), replicas('m2')]).toEqual([9, 2]);
  });
});
