import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { experimental, type ServerCredentials } from '@grpc/grpc-js';
import { type Clock, type Instant, type Millis, SECOND } from '@windvane/carbon-map';
import { UserError } from '@windvane/controller/config';

/** PEM files of the server. They may be replaced at any time, as Kubernetes does with a mounted Secret. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Certificates that a client's must come from (mTLS); null asks for none. */
  readonly clientCa: string | null;
}

export interface TlsMaterial {
  readonly credentials: ServerCredentials;
  /** End of validity of the certificate in use. */
  expiresAt(): Instant;
  stop(): void;
}

export interface TlsOptions {
  readonly files: TlsFiles;
  readonly clock: Clock;
  /** Between looks at the files (10 s). */
  readonly every?: Millis;
  /** Told of a certificate taken over, and of files that cannot be: the ones before stay in use. */
  readonly reloaded: (expiresAt: Instant) => void;
  readonly refused: (reason: string) => void;
}

interface Loaded {
  readonly identity: experimental.IdentityCertificateUpdate;
  readonly ca: experimental.CaCertificateUpdate | null;
  readonly expiresAt: Instant;
}

/**
 * Server credentials that follow their files. New connections get the newest whole set; those that are open go on. A
 * half-written set (key and certificate that do not fit, a file that cannot be read) changes nothing.
 * @throws {UserError} when the files cannot be used at the start.
 */
export async function watchTls(options: TlsOptions): Promise<TlsMaterial> {
  const { files, clock, every = 10 * SECOND } = options;
  let loaded = await load(files).catch((error: unknown) => {
    throw new UserError(reasonOf(error));
  });
  let refused = '';
  let cancel: (() => void) | null = null;
  let stopped = false;
  const identities = listeners<experimental.IdentityCertificateUpdate>(() => loaded.identity);
  const authorities = listeners<experimental.CaCertificateUpdate>(() => loaded.ca);

  async function look(): Promise<void> {
    try {
      const next = await load(files);
      refused = '';
      if (same(next, loaded)) return;
      loaded = next;
      identities.tell();
      authorities.tell();
      options.reloaded(next.expiresAt);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== refused) options.refused(reason);
      refused = reason;
    } finally {
      schedule();
    }
  }

  function schedule(): void {
    if (!stopped) cancel = clock.after(every, () => void look());
  }

  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: authorities.add,
    removeCaCertificateListener: authorities.remove,
    addIdentityCertificateListener: identities.add,
    removeIdentityCertificateListener: identities.remove,
  };
  const mutual = files.clientCa !== null;
  schedule();
  return {
    // The first provider is the one of the identity, whatever its declared name.
    credentials: experimental.createCertificateProviderServerCredentials(
      provider,
      mutual ? provider : null,
      mutual,
    ),
    expiresAt: () => loaded.expiresAt,
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

/** Listeners of one kind of update, each told the present one soon: one that is told while it is added does not pass it on. */
function listeners<T>(current: () => T | null): {
  readonly add: (listener: (update: T | null) => void) => void;
  readonly remove: (listener: (update: T | null) => void) => void;
  readonly tell: () => void;
} {
  const all = new Set<(update: T | null) => void>();
  return {
    add(listener) {
      all.add(listener);
      process.nextTick(() => listener(current()));
    },
    remove: (listener) => void all.delete(listener),
    tell() {
      for (const listener of all) listener(current());
    },
  };
}

async function load({ cert, key, clientCa }: TlsFiles): Promise<Loaded> {
  const certificate = await read(cert, 'WINDVANE_TLS_CERT_FILE: the certificate');
  const privateKey = await read(key, 'WINDVANE_TLS_KEY_FILE: the key');
  const caCertificate =
    clientCa === null ? null : await read(clientCa, 'WINDVANE_TLS_CLIENT_CA_FILE: the client CA');
  const parsed = parsing(
    `WINDVANE_TLS_CERT_FILE: ${cert}`,
    'certificate',
    () => new X509Certificate(certificate),
  );
  const parsedKey = parsing(`WINDVANE_TLS_KEY_FILE: ${key}`, 'private key', () =>
    createPrivateKey(privateKey),
  );
  if (!parsed.checkPrivateKey(parsedKey)) {
    throw new Error(
      `WINDVANE_TLS_KEY_FILE: the key in ${key} does not belong to the certificate in ${cert}: replace both together`,
    );
  }
  if (caCertificate !== null) {
    parsing(
      `WINDVANE_TLS_CLIENT_CA_FILE: ${clientCa ?? ''}`,
      'certificate',
      () => new X509Certificate(caCertificate),
    );
  }
  return {
    identity: { certificate, privateKey },
    ca: caCertificate === null ? null : { caCertificate },
    expiresAt: Date.parse(parsed.validTo),
  };
}

async function read(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${what} ${path} cannot be read (${code}): name a file that this user may read`, {
      cause: error,
    });
  }
}

/** What openssl says of a bad file may hold parts of it, and is left out. */
function parsing<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new Error(`${file} holds no ${what} in PEM form: name a file that does`);
  }
}

function same(a: Loaded, b: Loaded): boolean {
  return (
    a.identity.certificate.equals(b.identity.certificate) &&
    a.identity.privateKey.equals(b.identity.privateKey) &&
    (a.ca?.caCertificate.equals(b.ca?.caCertificate ?? Buffer.alloc(0)) ?? true)
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
