import { startSandbox } from '@windvane/sandbox';
import { describe, expect, it } from 'vitest';
import { manifest, one } from '../support/cluster.ts';
import { kustomize, post } from '../support/kustomize.ts';

describe('deploy/scaler', () => {
  it.each(['deploy/scaler', 'deploy/scaler/with-policy', 'deploy/scaler/with-both'])(
    '%s is accepted, strictly',
    async (folder) => {
      const objects = await kustomize(folder);
      const sandbox = await startSandbox();
      for (const object of objects) expect(await post(sandbox.url, object)).toBe('accepted');
      await sandbox.stop();
      const kinds = objects.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'MutatingWebhookConfiguration')).toHaveLength(
        folder.endsWith('policy') ? 0 : 1,
      );
      expect(kinds.filter((kind) => kind === 'MutatingAdmissionPolicy')).toHaveLength(
        folder === 'deploy/scaler' ? 0 : 2,
      );
    },
  );

  it('runs two pods as nobody, on a root that nobody can write', () => {
    const { spec } = Object(one(manifest('deploy/scaler/base/deployment.yaml')));
    const pod = spec.template.spec;
    expect(spec.replicas).toBe(2);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('grants nothing broad: no wildcards, secrets and webhooks by name alone', () => {
    const rules = manifest('deploy/scaler/base/roles.yaml').flatMap((role) => Object(role).rules ?? []);
    expect(rules.length).toBeGreaterThan(4);
    for (const rule of rules)
      expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain('*');
    const delicate = rules.filter(({ resources }) =>
      /^(secrets|mutatingwebhookconfigurations)$/.test(resources[0]),
    );
    expect(delicate.map(({ resourceNames }) => resourceNames)).toEqual([
      ['windvane-scaler'],
      ['windvane-scaler-webhook'],
    ]);
  });
});
