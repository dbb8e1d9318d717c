import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { createVirtualClock, MINUTE, SECOND } from '@windvane/carbon-map';
import { UserError } from '@windvane/controller/config';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority, install } from '../../../controller/test/support/certificates.ts';
import { type Admission, type AdmissionParts, startAdmission } from '../../src/app/admission.ts';
import { type Cluster, manifest, startCluster } from '../support/cluster.ts';
import { freePort } from '../support/port.ts';

const listen = { host: '127.0.0.1', port: 0 };

interface Told {
  readonly errors: string[];
  readonly log: AdmissionParts['log'];
}
function telling(): Told {
  const errors: string[] = [];
  const error = (details: Readonly<Record<string, unknown>>): void =>
    void errors.push(String(details['err']));
  return { errors, log: { info() {}, warn() {}, error } };
}

async function started(
  parts: Partial<AdmissionParts> & Pick<AdmissionParts, 'settings'>,
): Promise<Admission> {
  const admission = await startAdmission({
    kube: null,
    leading: () => true,
    scalerAddress: 'windvane-scaler:6000',
    clock: createVirtualClock(Date.now()),
    log: telling().log,
    ...parts,
  });
  onTestFinished(() => admission.stop());
  return admission;
}

/** One review, as the API server sends it: who answers, and what. */
function review(port: number): Promise<{ readonly peer: PeerCertificate; readonly body: string }> {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u',
      operation: 'CREATE',
      kind: { group: 'keda.sh', version: 'v1alpha1', kind: 'ScaledObject' },
      object: {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name: 'a', namespace: 'b' },
        spec: { triggers: [] },
      },
    },
  });
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/mutate', method: 'POST', rejectUnauthorized: false, agent: false },
      (response) => {
        const { socket } = response;
        if (!(socket instanceof TLSSocket)) throw new Error('not over TLS');
        const peer = socket.getPeerCertificate();
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ peer, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function until(done: () => boolean | Promise<boolean>, step: () => void): Promise<void> {
  for (let turn = 0; !(await done()); turn += 1) {
    if (turn > 500) throw new Error('it did not happen');
    step();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('the webhook with a certificate that somebody else keeps', () => {
  it('serves it, takes over a new one, and keeps the one before while files are torn', async () => {
    const authority = createAuthority();
    const [first, second] = [authority.issue('first'), authority.issue('second')];
    const files = authority.issue('mounted');
    install(first, files);
    const clock = createVirtualClock(Date.now());
    const { errors, log } = telling();
    const admission = await started({ settings: { listen, files }, clock, log });
    const port = admission.port() ?? 0;
    const served = async (): Promise<string> => (await review(port)).peer.subject.CN;
    expect(await served()).toBe('first-1');
    expect(JSON.parse((await review(port)).body)).toMatchObject({ response: { uid: 'u', allowed: true } });

    // The certificate is there already, its key is not yet.
    install({ cert: second.cert, key: first.key }, files);
    await until(
      () => errors.length > 0,
      () => clock.advance(SECOND),
    );
    expect(await served()).toBe('first-1');
    install(second, files);
    await until(
      async () => (await served()) === 'second-2',
      () => clock.advance(SECOND),
    );
  });

  it('refuses files that cannot be read, and such that hold no certificate, by their names', async () => {
    const { cert, key } = createAuthority().issue('mounted');
    await expect(started({ settings: { listen, files: { cert: '/nowhere/tls.crt', key } } })).rejects.toThrow(
      new UserError(
        'WINDVANE_WEBHOOK_CERT_FILE: the certificate /nowhere/tls.crt cannot be read (ENOENT): name a file that this user may read',
      ),
    );
    writeFileSync(key, 'no key');
    await expect(started({ settings: { listen, files: { cert, key } } })).rejects.toThrow(
      new UserError(
        `WINDVANE_WEBHOOK_KEY_FILE: ${key} holds no private key in PEM form: name a file that does`,
      ),
    );
  });

  it('names the address that is taken', async () => {
    const files = createAuthority().issue('mounted');
    const port = (await started({ settings: { listen, files } })).port() ?? 0;
    await expect(started({ settings: { listen: { ...listen, port }, files } })).rejects.toThrow(
      `WINDVANE_WEBHOOK_LISTEN: cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
    );
  });
});

describe('the webhook with a certificate of its own', () => {
  async function cluster(): Promise<Cluster> {
    const made = await startCluster();
    onTestFinished(() => made.stop());
    await made.namespace('windvane-system');
    await made.create(
      ...manifest('deploy/scaler/base/secret.yaml'),
      ...manifest('deploy/scaler/admission-webhook/webhook.yaml'),
    );
    return made;
  }

  it('listens as soon as the pod that leads has issued one; both pods serve the same', async () => {
    const { api } = await cluster();
    const clock = createVirtualClock(Date.now());
    const kube = { api, namespace: 'windvane-system' };
    const settings = { listen, files: null };
    let leads = false;
    const pods = [
      await started({ settings, kube, clock, leading: () => leads }),
      await started({ settings, kube, clock, leading: () => false }),
    ];
    await until(
      () => clock.now() % MINUTE < 2 * SECOND,
      () => clock.advance(SECOND),
    );
    expect(pods.map((pod) => pod.port())).toEqual([null, null]);
    leads = true;
    await until(
      () => pods.every((pod) => pod.port() !== null),
      () => clock.advance(SECOND),
    );
    const [one, other] = await Promise.all(pods.map((pod) => review(pod.port() ?? 0)));
    expect(one?.peer.fingerprint256).toBe(other?.peer.fingerprint256);
    expect(one?.peer.subjectaltname).toContain('DNS:windvane-scaler-webhook.windvane-system.svc');
  });

  it('needs an API server to keep it', async () => {
    await expect(started({ settings: { listen, files: null } })).rejects.toThrow(
      /^WINDVANE_WEBHOOK_LISTEN: a certificate of its own is kept in the cluster: allow WINDVANE_WATCH, or name /,
    );
  });

  it('tells of an address that is taken, and of nothing else that it could do', async () => {
    const { api } = await cluster();
    const port = await freePort();
    const files = createAuthority().issue('mounted');
    await started({ settings: { listen: { ...listen, port }, files } });
    const { errors, log } = telling();
    const clock = createVirtualClock(Date.now());
    const kube = { api, namespace: 'windvane-system' };
    const late = await started({ settings: { listen: { ...listen, port }, files: null }, kube, clock, log });
    await until(
      () => errors.length > 0,
      () => clock.advance(SECOND),
    );
    expect(errors[0]).toContain('cannot listen on');
    expect(late.port()).toBeNull();
  });
});
