import { X509Certificate } from 'node:crypto';
import { type Clock, DAY, HOUR, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import { isKubeError, type KubeApi, type KubeObject, type ResourceType } from '@windvane/controller/kube';
import { z } from 'zod';
import type { Identity } from '../admission/server.ts';
import { issue } from './issue.ts';

const SECRET: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};
const WEBHOOKS: ResourceType = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
};

const VALID_FOR: Millis = 90 * DAY;
/** Renewed when a third of the time is left. */
const RENEW_BEFORE: Millis = 30 * DAY;
/** Between looks at the Secret: how long a pod serves an identity that another one has replaced. */
const LOOK_EVERY: Millis = 30_000;
/** An identity is served only once its authority has been trusted for this long by every API server. */
const SETTLE: Millis = MINUTE;

export interface CertificateOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** The Secret; it has to be there, with or without data. */
  readonly secret: { readonly namespace: string; readonly name: string };
  /** The webhook configuration whose `caBundle` is kept. */
  readonly configuration: string;
  /** DNS names of the webhook's Service. */
  readonly names: readonly string[];
  /** Whether this process is the one that writes. */
  readonly leading: () => boolean;
  /** Told of every identity to serve. */
  readonly identity: (identity: Identity<string>) => void;
  readonly renewed: (expiresAt: Instant) => void;
  readonly failed: (error: unknown) => void;
}

/** Keeps the certificate of the webhook: one process issues and renews it, all serve it. */
export interface CertificateManager {
  start(): void;
  /** One look: what `start` does again and again. */
  look(): Promise<void>;
  stop(): void;
}

const secretData = z.object({
  data: z.record(z.string(), z.string()).optional(),
});
const configurationShape = z.object({
  webhooks: z
    .array(z.object({ clientConfig: z.object({ caBundle: z.string().optional() }).optional() }))
    .default([]),
});

interface Kept extends Identity<string> {
  /** PEM of the authorities to trust: the present one, and the one before while it is valid. */
  readonly bundle: string;
  readonly expiresAt: Instant;
  readonly issuedAt: Instant;
}

/**
 * Issues an authority and a certificate into a Secret, puts the authority into the webhook configuration, and
 * renews both in time. The new authority is trusted before its certificate is served: it is in `caBundle` beside the
 * one before, so that no review fails on the way.
 */
export function createCertificateManager(options: CertificateOptions): CertificateManager {
  const { api, clock, secret, names, leading } = options;
  let served = '';
  let cancel = (): void => {};
  let stopped = false;

  async function look(): Promise<void> {
    const object = await api.get(SECRET, secret);
    let kept = read(object);
    if (leading()) {
      if (kept === null || kept.expiresAt - clock.now() < RENEW_BEFORE) {
        kept = await renew(object, kept);
        if (kept === null) return;
      }
      await trust(kept.bundle);
    }
    if (kept === null || kept.cert === served) return;
    // Pods that served the one before wait until the new authority is trusted.
    if (served !== '' && clock.now() - kept.issuedAt < SETTLE) return;
    served = kept.cert;
    options.identity(kept);
  }

  async function renew(object: KubeObject, before: Kept | null): Promise<Kept | null> {
    const now = clock.now();
    const issued = issue(names, now, VALID_FOR);
    const bundle = `${issued.ca}${before === null || before.expiresAt <= now ? '' : (certificatesOf(before.bundle)[0] ?? '')}`;
    const entries = {
      'ca.crt': bundle,
      'tls.crt': issued.cert,
      'tls.key': issued.key,
      'issued-at': String(now),
    };
    const data = Object.fromEntries(
      Object.entries(entries).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    );
    try {
      // The version that was read guards it: of two processes that both think to lead, one issues.
      await api.replace(SECRET, { ...object, data });
    } catch (error) {
      if (isKubeError(error, 'conflict')) return null;
      throw error;
    }
    options.renewed(now + VALID_FOR);
    return { cert: issued.cert, key: issued.key, bundle, expiresAt: now + VALID_FOR, issuedAt: now };
  }

  async function trust(bundle: string): Promise<void> {
    let configuration: KubeObject;
    try {
      configuration = await api.get(WEBHOOKS, { name: options.configuration });
    } catch (error) {
      // Whoever has the policy alone has no configuration.
      if (isKubeError(error, 'not-found')) return;
      throw error;
    }
    const wanted = Buffer.from(bundle).toString('base64');
    const { webhooks } = configurationShape.parse(configuration);
    const stale = webhooks.flatMap(({ clientConfig }, index) =>
      clientConfig?.caBundle === wanted ? [] : [index],
    );
    if (stale.length === 0) return;
    const version = configuration.metadata.resourceVersion;
    await api.jsonPatch(WEBHOOKS, { name: options.configuration }, [
      { op: 'test', path: '/metadata/resourceVersion', value: version },
      ...stale.map(
        (index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: wanted }) as const,
      ),
    ]);
  }

  async function turn(): Promise<void> {
    try {
      await look();
    } catch (error) {
      options.failed(error);
    }
    if (!stopped) cancel = clock.after(LOOK_EVERY, () => void turn());
  }

  return {
    look,
    start: () => void turn(),
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function certificatesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
}

/** What a Secret holds; null for one that holds no whole identity, which is then issued anew. */
function read(object: KubeObject): Kept | null {
  const data = secretData.safeParse(object).data?.data ?? {};
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const [bundle, cert, key] = [text('ca.crt'), text('tls.crt'), text('tls.key')];
  if (bundle === '' || cert === '' || key === '') return null;
  try {
    const { validTo, validFrom } = new X509Certificate(cert);
    const issuedAt = Number(text('issued-at')) || Date.parse(validFrom) + HOUR;
    return { bundle, cert, key, expiresAt: Date.parse(validTo), issuedAt };
  } catch {
    return null;
  }
}
