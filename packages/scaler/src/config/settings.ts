import {
  type Environment,
  given,
  isLoopback,
  type Listen,
  parseHubUrl,
  parseListen,
  UserError,
} from '@windvane/controller/config';
import type { TlsFiles } from '../grpc/tls.ts';

/** Where the hub is, and how it is spoken to. */
interface HubSettings {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly tokenFile: string;
  /** PEM file with the authorities that the hub's certificate may come from; null for those of the system. */
  readonly caFile: string | null;
}

/** What a scaler is told by its environment. */
export interface ScalerSettings {
  /** Name of the member cluster, as the hub knows it; null when nobody says. */
  readonly cluster: string | null;
  /** Where the cluster stands, as written; null leaves it to the hub. */
  readonly location: string | null;
  readonly hub: HubSettings | null;
  /** File with a `carbon` section: the scaler's own sources. Null has the yearly average only. */
  readonly configFile: string | null;
  /** Folder for what the hub said last; null keeps nothing. */
  readonly stateDir: string | null;
  readonly listen: Listen;
  readonly metricsListen: Listen;
  readonly tls: TlsFiles | null;
  /** Whether the API server of the cluster is watched. */
  readonly watch: boolean;
  readonly kubeconfig: string | null;
  /** Where the scaler runs: its Lease is there. */
  readonly namespace: string;
  /** As KEDA reaches the scaler: admission puts it into triggers. */
  readonly address: string;
  /** Null serves no admission webhook. */
  readonly webhook: WebhookSettings | null;
}

/** The admission webhook, and where its certificate comes from. */
export interface WebhookSettings {
  readonly listen: Listen;
  /** PEM files that somebody else keeps (cert-manager); null has the scaler keep its own. */
  readonly files: { readonly cert: string; readonly key: string } | null;
}

/** Reads the environment. Throws {@link UserError} with one line per mistake. */
export function readSettings(environment: Environment): ScalerSettings {
  const mistakes: string[] = [];
  const value = (name: string): string | null => given(environment, name) ?? null;
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      mistakes.push(...error.lines);
      return otherwise;
    }
  };
  const listen = (name: string, port: number): Listen =>
    attempt(() => parseListen(value(name) ?? `127.0.0.1:${port}`, name, port), { host: '127.0.0.1', port });
  const settings: ScalerSettings = {
    cluster: value('WINDVANE_CLUSTER'),
    location: value('WINDVANE_LOCATION'),
    hub: attempt(() => hubSettings(value), null),
    configFile: value('WINDVANE_CONFIG'),
    stateDir: value('WINDVANE_STATE_DIR'),
    listen: listen('WINDVANE_LISTEN', 6000),
    metricsListen: listen('WINDVANE_METRICS_LISTEN', 9464),
    tls: attempt(() => tlsFiles(value), null),
    watch: attempt(() => onOrOff(value('WINDVANE_WATCH'), 'WINDVANE_WATCH'), true),
    kubeconfig: value('WINDVANE_KUBECONFIG'),
    namespace: value('WINDVANE_NAMESPACE') ?? 'windvane-system',
    address: attempt(() => addressOf(value), ''),
    webhook: attempt(() => webhookOf(value), null),
  };
  if (mistakes.length > 0) throw new UserError(mistakes);
  return settings;
}

type Value = (name: string) => string | null;

function hubSettings(value: Value): HubSettings | null {
  const written = value('WINDVANE_HUB_URL');
  if (written === null) return null;
  const example = 'https://windvane.example:4280';
  const url = parseHubUrl(written, 'WINDVANE_HUB_URL', example, 'WINDVANE_HUB_TOKEN_FILE');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new UserError(
      'WINDVANE_HUB_URL: a token must not travel in the clear: write https://, or a loopback address',
    );
  }
  const tokenFile = value('WINDVANE_HUB_TOKEN_FILE');
  if (tokenFile === null) {
    throw new UserError(
      "WINDVANE_HUB_TOKEN_FILE: name the file with this cluster's token, for a hub at WINDVANE_HUB_URL",
    );
  }
  if (value('WINDVANE_CLUSTER') === null) {
    throw new UserError('WINDVANE_CLUSTER: name this cluster as the hub does, for a hub at WINDVANE_HUB_URL');
  }
  return { url: url.href.replace(/\/+$/, ''), tokenFile, caFile: value('WINDVANE_HUB_CA_FILE') };
}

function tlsFiles(value: Value): TlsFiles | null {
  const [cert, key] = [value('WINDVANE_TLS_CERT_FILE'), value('WINDVANE_TLS_KEY_FILE')];
  const clientCa = value('WINDVANE_TLS_CLIENT_CA_FILE');
  if (cert === null && key === null && clientCa === null) return null;
  if (cert === null || key === null) {
    throw new UserError(
      'TLS: name both WINDVANE_TLS_CERT_FILE and WINDVANE_TLS_KEY_FILE, or none of the WINDVANE_TLS_ variables',
    );
  }
  return { cert, key, clientCa };
}

function addressOf(value: Value): string {
  const namespace = value('WINDVANE_NAMESPACE') ?? 'windvane-system';
  const written = value('WINDVANE_ADDRESS') ?? `windvane-scaler.${namespace}.svc:6000`;
  if (/^[^\s/:]+:\d{1,5}$/.test(written)) return written;
  throw new UserError(`WINDVANE_ADDRESS: write host:port as KEDA reaches the scaler, not "${written}"`);
}

function webhookOf(value: Value): WebhookSettings | null {
  const written = value('WINDVANE_WEBHOOK_LISTEN');
  if (written === null) return null;
  const [cert, key] = [value('WINDVANE_WEBHOOK_CERT_FILE'), value('WINDVANE_WEBHOOK_KEY_FILE')];
  if ((cert === null) !== (key === null)) {
    throw new UserError(
      'webhook: name both WINDVANE_WEBHOOK_CERT_FILE and WINDVANE_WEBHOOK_KEY_FILE, or none of them',
    );
  }
  const listen = parseListen(written, 'WINDVANE_WEBHOOK_LISTEN', 9443);
  return { listen, files: cert === null || key === null ? null : { cert, key } };
}

function onOrOff(written: string | null, name: string): boolean {
  if (written === null || written === 'on') return true;
  if (written === 'off') return false;
  throw new UserError(`${name}: write on or off, not "${written}"`);
}
