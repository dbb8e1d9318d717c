import { readFile } from 'node:fs/promises';
import { type Clock, type Millis, SECOND } from '@windvane/carbon-map';
import { UserError } from '@windvane/controller/config';
import type { KubeApi } from '@windvane/controller/kube';
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
/** Between looks at files that somebody else renews. */
const LOOK_EVERY: Millis = 10 * SECOND;

/**
 * Serves the admission webhook: with a certificate from files, or with one that the scaler issues and renews by
 * itself. It listens as soon as there is one.
 * @throws {UserError} for files that cannot be read, and for a certificate of its own without an API server
 */
export async function startAdmission(parts: AdmissionParts): Promise<Admission> {
  const { settings, kube, clock, log, scalerAddress } = parts;
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
  const stops: (() => void)[] = [];
  if (settings.files !== null) {
    const { files } = settings;
    let present = await readFiles(files);
    try {
      await serve(present);
    } catch (error) {
      if (error instanceof UserError) throw error;
      // What openssl says may hold parts of the files, and is left out.
      throw new UserError(
        `webhook: ${files.cert} and ${files.key} hold no certificate with its key in PEM form: replace both together`,
      );
    }
    const look = async (): Promise<void> => {
      try {
        const next = await readFiles(files);
        if (next.cert !== present.cert) await serve(next);
        present = next;
      } catch (error) {
        failed(error);
      }
      schedule();
    };
    let cancel = (): void => {};
    let stopped = false;
    const schedule = (): void => {
      if (!stopped)
        cancel = clock.after(LOOK_EVERY, () => {
          starting = look();
        });
    };
    schedule();
    stops.push(() => {
      stopped = true;
      cancel();
    });
  } else {
    if (kube === null) {
      throw new UserError(
        'WINDVANE_WEBHOOK_LISTEN: a certificate of its own is kept in the cluster: allow WINDVANE_WATCH, or name WINDVANE_WEBHOOK_CERT_FILE and WINDVANE_WEBHOOK_KEY_FILE',
      );
    }
    const { namespace } = kube;
    const manager = createCertificateManager({
      api: kube.api,
      clock,
      secret: { namespace, name: SERVICE },
      configuration: CONFIGURATION,
      names: [`${SERVICE}.${namespace}.svc`, `${SERVICE}.${namespace}.svc.cluster.local`],
      leading: parts.leading,
      identity: (identity) => {
        starting = starting.then(() => serve(identity)).catch(failed);
      },
      renewed: (expiresAt) =>
        log.info(
          { expiresAt: new Date(expiresAt).toISOString() },
          'issued a new certificate for the webhook',
        ),
      failed,
    });
    manager.start();
    stops.push(() => manager.stop());
  }
  return {
    port: () => server?.port ?? null,
    async stop() {
      for (const stop of stops) stop();
      await starting;
      await server?.stop();
    },
  };
}

async function readFiles({ cert, key }: { readonly cert: string; readonly key: string }): Promise<Identity> {
  try {
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UserError(`webhook: ${cert} and ${key} cannot be read (${code}): mount the Secret with both`);
  }
}
