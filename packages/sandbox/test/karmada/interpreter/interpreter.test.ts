import { describe, expect, it } from 'vitest';
import { aggregateStatus, healthOf, reflectStatus } from '../../../src/karmada/interpreter/health.ts';
import { replicaInfo, withReplicas } from '../../../src/karmada/interpreter/replicas.ts';
import type { AggregatedStatusItem } from '../../../src/karmada/types.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';
import { formatCpu, parseQuantity } from '../../../src/runtime/quantity.ts';
import { configMap, cronJob, daemonSet, deployment, job, statefulSet } from '../support/objects.ts';

describe('quantities', () => {
  it.each([
    ['250m', 0.25],
    ['2', 2],
    ['1.5', 1.5],
    ['1Gi', 2 ** 30],
    ['3k', 3_000],
    ['2e3', 2_000],
    [4, 4],
    ['none', undefined],
    [null, undefined],
  ])('%j is %d', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  it('prints CPU in cores, or millicores', () => {
    expect([formatCpu(2), formatCpu(0.25), formatCpu(0)]).toEqual(['2', '250m', '0']);
  });
});

describe('replicas', () => {
  it('are those of Deployments, StatefulSets and Jobs, and of nothing else here', () => {
    expect(replicaInfo(deployment('ns', 'web', 3))?.replicas).toBe(3);
    expect(replicaInfo(statefulSet('ns', 'db', 2))?.replicas).toBe(2);
    expect(replicaInfo(job('ns', 'j', { parallelism: 5 }))?.replicas).toBe(5);
    for (const object of [cronJob('ns', 'c'), daemonSet('ns', 'd'), configMap('ns', 'm')]) {
      expect(replicaInfo(object)).toBeUndefined();
    }
  });

  it('come with what one of them requests, limits standing in', () => {
    const object = deployment('ns', 'web', 1);
    expect(replicaInfo(object)?.requirements).toEqual({
      resourceRequest: { cpu: '100m', memory: String(64 * 2 ** 20) },
    });
    const limited = {
      ...object,
      spec: { template: { spec: { containers: [{ resources: { limits: { cpu: 1 } } }] } } },
    };
    expect(replicaInfo(limited)?.requirements).toEqual({ resourceRequest: { cpu: '1' } });
  });

  it('are written where the kind keeps them', () => {
    expect(withReplicas(deployment('ns', 'web', 3), 7).spec).toMatchObject({ replicas: 7 });
    expect(withReplicas(job('ns', 'j'), 7).spec).toMatchObject({ parallelism: 7 });
    expect(withReplicas(configMap('ns', 'm'), 7)).toEqual(configMap('ns', 'm'));
  });
});

describe('health', () => {
  const running = (status: object, generation = 2): KubeObject => {
    const object = deployment('ns', 'web', 3, { generation });
    return {
      ...object,
      status: { observedGeneration: 2, updatedReplicas: 3, availableReplicas: 3, ...status },
    };
  };

  it.each([
    ['all are updated and available', running({}), 'Healthy'],
    ['one is not available', running({ availableReplicas: 2 }), 'Unhealthy'],
    ['one is not updated', running({ updatedReplicas: 2 }), 'Unhealthy'],
    ['the newest generation was not seen', running({}, 3), 'Unhealthy'],
    ['it is of a kind that is not judged', configMap('ns', 'm'), 'Unknown'],
  ])('when %s', (_what, object, health) => {
    expect(healthOf(object)).toBe(health);
  });
});

describe('status', () => {
  it('travels with both generations and without zeros', () => {
    const annotations = { 'resourcetemplate.karmada.io/generation': '5' };
    const object = {
      ...deployment('ns', 'web', 3, { generation: 2, annotations }),
      status: { observedGeneration: 2, replicas: 3, readyReplicas: 0, conditions: ['local'] },
    };
    expect(reflectStatus(object)).toEqual({
      replicas: 3,
      generation: 2,
      observedGeneration: 2,
      resourceTemplateGeneration: 5,
    });
  });

  const item = (clusterName: string, replicas: number, resourceTemplateGeneration: number) =>
    ({
      clusterName,
      applied: true,
      health: 'Healthy',
      status: { replicas, generation: 1, observedGeneration: 1, resourceTemplateGeneration },
    }) satisfies AggregatedStatusItem;
  const template = deployment('ns', 'web', 5, { generation: 4 });

  it('is summed, and observed only when every member has the newest template', () => {
    const now = '2026-01-01T00:00:00Z';
    expect(aggregateStatus(template, [item('a', 2, 4), item('b', 3, 4)], now)).toMatchObject({
      replicas: 5,
      observedGeneration: 4,
    });
    expect(aggregateStatus(template, [item('a', 2, 4), item('b', 3, 3)], now)).toMatchObject({
      replicas: 5,
      observedGeneration: 0,
    });
    expect(aggregateStatus(configMap('ns', 'm'), [], now)).toBeUndefined();
  });
});
