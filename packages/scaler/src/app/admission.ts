import type { Clock } from '@windvane/carbon-map';
import { UserError } from '@windvane/controller/config';
import type { KubeApi } from '@windvane/controller/kube';
import { follow, loadKeyPair, samePair } from '@windvane/controller/tls';
import { type Identity, startWebhook, type WebhookServer } from '../admission/server.ts';
import { createCertificateManager } from '../certificates/manager.ts';
import type { WebhookSettings } from '../config/settings.ts';
import type { ScalerLog } from './log.ts';

export interface AdmissionParts {
  readonly settings: WebhookSettings;
  readonly kube: { readonly api: KubeApi; readonly namespace: string } | null;
  readonly leading: () => boolean;
  readonly scalerAddress: string;
  readonly clock: Clock;
  readonly log: ScalerLog;
}

/** The running webhook. */
export interface Admission {
  /** Null until there is a certificate. */
  port(): number | null;
  stop(): Promise<void>;
}

/** Names of the manifests in deploy/scaler. */
const SERVICE = 'windvane-scaler-webhook';
const CONFIGURATION = 'windvane-scaler';

/**
 * Serves the admission webhook: with a certificate from files, or with one that the scaler issues and renews by
 * itself. It listens as soon as there is one.
 * @throws {UserError} for files that cannot be read, and for a certificate of its own without an API server
 */
export async function startAdmission(parts: AdmissionParts): Promise<Admission> {
  const { settings, log, scalerAddress } = parts;
  let server: WebhookServer | null = null;
  let starting: Promise<void> = Promise.resolve();
  const failed = (error: unknown): void =>
    log.error({ err: error, part: 'webhook' }, 'the webhook has a problem');

  async function serve(identity: Identity): Promise<void> {
    if (server !== null) {
      server.use(identity);
      return;
    }
    server = await startWebhook({ listen: settings.listen, identity, scalerAddress, failed });
    log.info({ port: server.port }, 'the admission webhook is served');
  }

  const stop =
    settings.files === null
      ? issueOwn(parts, failed, (identity) => {
          starting = starting.then(() => serve(identity)).catch(failed);
        })
      : await followFiles(parts, settings.files, serve);
  return {
    port: () => server?.port ?? null,
    async stop() {
      stop();
      await starting;
      await server?.stop();
    },
  };
}

/** Serves what somebody else keeps in files. @returns what ends it */
async function followFiles(
  { clock, log }: AdmissionParts,
  { cert, key }: NonNullable<WebhookSettings['files']>,
  serve: (identity: Identity) => Promise<void>,
): Promise<() => void> {
  const files = {
    cert: { path: cert, setting: 'WINDVANE_WEBHOOK_CERT_FILE' },
    key: { path: key, setting: 'WINDVANE_WEBHOOK_KEY_FILE' },
  };
  const followed = await follow({
    load: () => loadKeyPair(files),
    same: samePair,
    clock,
    replaced(pair) {
      void serve(pair);
      const expiresAt = new Date(pair.expiresAt).toISOString();
      log.info({ expiresAt }, 'the webhook took over a new certificate');
    },
    refused: (reason) =>
      log.error({ reason }, 'the certificate files of the webhook cannot be used; the ones before stay'),
  });
  try {
    await serve(followed.current());
  } catch (error) {
    followed.stop();
    throw error;
  }
  return () => followed.stop();
}

/** Keeps a certificate of the scaler's own. @returns what ends it */
function issueOwn(
  { kube, clock, log, leading }: AdmissionParts,
  failed: (error: unknown) => void,
  identity: (identity: Identity) => void,
): () => void {
  if (kube === null) {
    throw new UserError(
      'WINDVANE_WEBHOOK_LISTEN: a certificate of its own is kept in the cluster: allow WINDVANE_WATCH, or name WINDVANE_WEBHOOK_CERT_FILE and WINDVANE_WEBHOOK_KEY_FILE',
    );
  }
  const { api, namespace } = kube;
  const manager = createCertificateManager({
    api,
    clock,
    secret: { namespace, name: SERVICE },
    configuration: CONFIGURATION,
    names: [`${SERVICE}.${namespace}.svc`, `${SERVICE}.${namespace}.svc.cluster.local`],
    leading,
    identity,
    renewed: (expiresAt) =>
      log.info({ expiresAt: new Date(expiresAt).toISOString() }, 'issued a new certificate for the webhook'),
    failed,
  });
  manager.start();
  return () => manager.stop();
}
