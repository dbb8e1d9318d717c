import { X509Certificate } from 'node:crypto';
import { DAY, MINUTE } from '@windvane/carbon-map';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Identity } from '../../src/admission/server.ts';
import { type CertificateManager, createCertificateManager } from '../../src/certificates/manager.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { type Cluster, manifest, one, startCluster, typeOf } from '../support/cluster.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOST = 'windvane-scaler-webhook.windvane-system.svc';
const SECRET = { namespace: 'windvane-system', name: 'windvane-scaler-webhook' };

describe('the certificate of the webhook', () => {
  let cluster: Cluster;
  let clock: TestClock;
  beforeEach(async () => {
    clock = testClock(NOW);
    cluster = await startCluster({ now: () => clock.now() });
    await cluster.create(
      ...manifest('deploy/scaler/base/namespace.yaml'),
      ...manifest('deploy/scaler/base/secret.yaml'),
    );
    await cluster.create(...manifest('deploy/scaler/admission-webhook/webhook.yaml'));
  });
  afterEach(() => cluster.stop());

  interface Pod {
    readonly manager: CertificateManager;
    readonly served: Identity[];
    readonly renewals: number[];
    leads: boolean;
  }
  function pod(leads: boolean): Pod {
    const made: Pod = {
      served: [],
      renewals: [],
      leads,
      manager: createCertificateManager({
        api: cluster.api,
        clock,
        secret: SECRET,
        configuration: 'windvane-scaler',
        names: [HOST],
        leading: () => made.leads,
        identity: (identity) => void made.served.push(identity),
        renewed: (at) => void made.renewals.push(at),
        failed: (error) => {
          throw error;
        },
      }),
    };
    return made;
  }
  async function bundles(): Promise<string[]> {
    const { webhooks } = Object(
      await cluster.user.get(typeOf('MutatingWebhookConfiguration'), { name: 'windvane-scaler' }),
    );
    return webhooks.map(({ clientConfig }: { clientConfig: { caBundle?: string } }) =>
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
    );
  }
  const authorities = (bundle: string): X509Certificate[] =>
    bundle
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .filter((text) => text !== '')
      .map((text) => new X509Certificate(text));

  it('is issued by the leader, trusted by the configuration and served by all', async () => {
    const [leader, other] = [pod(true), pod(false)];
    await other.manager.look();
    expect(other.served).toEqual([]);
    await leader.manager.look();
    await other.manager.look();
    expect(leader.served).toHaveLength(1);
    expect(other.served.map(({ cert }) => cert)).toEqual(leader.served.map(({ cert }) => cert));
    const [first = '', second] = await bundles();
    expect(second).toBe(first);
    const certificate = new X509Certificate(one(leader.served).cert);
    expect(certificate.checkHost(HOST)).toBe(HOST);
    expect(authorities(first).some((authority) => certificate.checkIssued(authority))).toBe(true);
    expect(leader.renewals).toEqual([NOW + 90 * DAY]);
  });

  it('writes nothing while everything is in order', async () => {
    const leader = pod(true);
    await leader.manager.look();
    const { resourceVersion } = (await cluster.user.get(typeOf('Secret'), SECRET)).metadata;
    clock.set(NOW + 59 * DAY);
    await leader.manager.look();
    expect((await cluster.user.get(typeOf('Secret'), SECRET)).metadata.resourceVersion).toBe(resourceVersion);
    expect(leader.served).toHaveLength(1);
  });

  it('is renewed in time, with both authorities trusted before it is served', async () => {
    const [leader, other] = [pod(true), pod(false)];
    await leader.manager.look();
    await other.manager.look();
    const old = new X509Certificate(one(leader.served).cert);
    clock.set(NOW + 61 * DAY);
    await leader.manager.look();
    await other.manager.look();
    const [bundle = ''] = await bundles();
    expect(authorities(bundle)).toHaveLength(2);
    expect(authorities(bundle).some((authority) => old.checkIssued(authority))).toBe(true);
    // The API servers learn of the new authority first.
    expect(leader.served).toHaveLength(1);
    clock.set(NOW + 61 * DAY + MINUTE);
    await leader.manager.look();
    await other.manager.look();
    for (const { served } of [leader, other]) {
      expect(served).toHaveLength(2);
      const fresh = new X509Certificate(one(served, 1).cert);
      expect(authorities(bundle).some((authority) => fresh.checkIssued(authority))).toBe(true);
    }
  });

  it('heals a configuration that was applied anew, and a Secret that was emptied', async () => {
    const leader = pod(true);
    await leader.manager.look();
    const [before] = await bundles();
    const type = typeOf('MutatingWebhookConfiguration');
    const stored = await cluster.user.get(type, { name: 'windvane-scaler' });
    const written = one(manifest('deploy/scaler/admission-webhook/webhook.yaml'));
    await cluster.user.replace(type, {
      ...written,
      metadata: { ...written.metadata, resourceVersion: stored.metadata.resourceVersion ?? '' },
    });
    await leader.manager.look();
    expect((await bundles())[0]).toBe(before);
    await cluster.user.mergePatch(typeOf('Secret'), SECRET, { data: null });
    await leader.manager.look();
    expect((await bundles())[0]).not.toBe(before);
    clock.set(NOW + MINUTE);
    await leader.manager.look();
    expect(leader.served).toHaveLength(2);
  });

  it('is issued by one of two that both think to lead', async () => {
    const pods = [pod(true), pod(true)];
    await Promise.all(pods.map(({ manager }) => manager.look()));
    for (const { manager } of pods) await manager.look();
    expect(pods.flatMap(({ renewals }) => renewals)).toHaveLength(1);
    expect(one(pods).served.at(-1)?.cert).toBe(one(pods, 1).served.at(-1)?.cert);
  });

  it('is kept also where the policy alone is in force', async () => {
    await cluster.user.delete(typeOf('MutatingWebhookConfiguration'), { name: 'windvane-scaler' });
    const leader = pod(true);
    await leader.manager.look();
    expect(leader.served).toHaveLength(1);
  });
});
