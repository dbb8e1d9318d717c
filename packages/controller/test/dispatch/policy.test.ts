import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jobView } from '../../src/dispatch/job-view.ts';
import { JOB_KIND } from '../../src/dispatch/kinds.ts';
import {
  clusterOf,
  dispatchPolicy,
  dispatchPolicyName,
  isDispatchPolicy,
  ownerOfDispatch,
  policyToPaste,
} from '../../src/dispatch/policy.ts';
import { selectedBy } from '../../src/dispatch/selecting.ts';
import { job, policyFor } from '../planes/karmada/support/manifests.ts';

const view = (name: string, uid = 'u1', labels?: Readonly<Record<string, string>>) => {
  const made = job('etl', name, labels === undefined ? {} : { labels });
  return jobView({ ...made, metadata: { ...made.metadata, uid } }, JOB_KIND);
};

describe('the policy of a dispatched Job', () => {
  it('has one name per Job, also of the same name, and a short one', () => {
    expect(dispatchPolicyName(view('nightly'))).toBe(dispatchPolicyName(view('nightly')));
    expect(dispatchPolicyName(view('nightly', 'u2'))).not.toBe(dispatchPolicyName(view('nightly')));
    expect(dispatchPolicyName(view('x'.repeat(250))).length).toBeLessThanOrEqual(253);
  });

  it('is known by its name and owner, with or without its label, and users’ own are not taken for one', () => {
    const policy = dispatchPolicy(view('nightly'), 'paris');
    expect(isDispatchPolicy(policy)).toBe(true);
    expect(isDispatchPolicy({ ...policy, metadata: { ...policy.metadata, labels: {} } })).toBe(true);
    expect(isDispatchPolicy(policyFor('etl', 'batch/v1', 'Job', 'nightly'))).toBe(false);
    expect(ownerOfDispatch(policy)).toMatchObject({ kind: 'Job', name: 'nightly', uid: 'u1' });
    expect(clusterOf(policy)).toBe('paris');
    expect(clusterOf({ ...policy, spec: {} })).toBeNull();
  });

  it('says the same to people as to Karmada', () => {
    const pasted: unknown = parse(policyToPaste(view('nightly'), 'paris'));
    expect(pasted).toMatchObject({
      kind: 'PropagationPolicy',
      metadata: { name: 'nightly', namespace: 'etl' },
      spec: { propagateDeps: true, placement: { clusterAffinity: { clusterNames: ['paris'] } } },
    });
  });
});

describe('policies of users that select a Job', () => {
  const nightly = view('nightly', 'u1', { team: 'data' });
  const selecting = (selector: Readonly<Record<string, unknown>>, namespace?: string) => ({
    metadata: { name: 'theirs', ...(namespace === undefined ? {} : { namespace }) },
    spec: { resourceSelectors: [{ apiVersion: 'batch/v1', kind: 'Job', ...selector }] },
  });
  it.each([
    ['by name', selecting({ name: 'nightly' }, 'etl'), true],
    ['by another name', selecting({ name: 'daily' }, 'etl'), false],
    ['by label', selecting({ labelSelector: { matchLabels: { team: 'data' } } }, 'etl'), true],
    ['by another label', selecting({ labelSelector: { matchLabels: { team: 'web' } } }, 'etl'), false],
    ['by kind', selecting({}, 'etl'), true],
    ['from another namespace', selecting({}, 'web'), false],
    ['cluster-wide', selecting({}), true],
    ['cluster-wide in another namespace', selecting({ namespace: 'web' }), false],
    [
      'by name, whatever the labels',
      selecting({ name: 'nightly', labelSelector: { matchLabels: { a: 'b' } } }, 'etl'),
      true,
    ],
  ])('%s: %#', (_, policy, selects) => {
    expect(selectedBy(nightly, [policy])).toBe(
      selects
        ? policy.metadata.namespace === undefined
          ? 'ClusterPropagationPolicy theirs'
          : 'PropagationPolicy etl/theirs'
        : null,
    );
  });

  it('leave out Windvane’s own', () => {
    expect(selectedBy(nightly, [dispatchPolicy(nightly, 'paris')])).toBeNull();
  });
});
