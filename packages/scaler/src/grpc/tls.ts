import process from 'node:process';
import { experimental, type ServerCredentials } from '@grpc/grpc-js';
import type { Clock, Instant, Millis } from '@windvane/carbon-map';
import { follow, type KeyPair, loadAuthorities, loadKeyPair, samePair } from '@windvane/controller/tls';

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
  readonly pair: KeyPair;
  readonly authorities: Buffer | null;
}

/**
 * Server credentials that follow their files. New connections get the newest whole set; those that are open go on. A
 * half-written set (key and certificate that do not fit, a file that cannot be read) changes nothing.
 * @throws {UserError} when the files cannot be used at the start.
 */
export async function watchTls(options: TlsOptions): Promise<TlsMaterial> {
  const { files, clock, every, refused } = options;
  const followed = await follow({
    load: () => load(files),
    same,
    clock,
    ...(every === undefined ? {} : { every }),
    replaced({ pair }) {
      identities.tell();
      authorities.tell();
      options.reloaded(pair.expiresAt);
    },
    refused,
  });
  const identities = listeners<experimental.IdentityCertificateUpdate>(() => {
    const { cert, key } = followed.current().pair;
    return { certificate: cert, privateKey: key };
  });
  const authorities = listeners<experimental.CaCertificateUpdate>(() => {
    const present = followed.current().authorities;
    return present === null ? null : { caCertificate: present };
  });
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: authorities.add,
    removeCaCertificateListener: authorities.remove,
    addIdentityCertificateListener: identities.add,
    removeIdentityCertificateListener: identities.remove,
  };
  const mutual = files.clientCa !== null;
  return {
    // The first provider is the one of the identity, whatever its declared name.
    credentials: experimental.createCertificateProviderServerCredentials(
      provider,
      mutual ? provider : null,
      mutual,
    ),
    expiresAt: () => followed.current().pair.expiresAt,
    stop: () => followed.stop(),
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
  const pair = await loadKeyPair({
    cert: { path: cert, setting: 'WINDVANE_TLS_CERT_FILE' },
    key: { path: key, setting: 'WINDVANE_TLS_KEY_FILE' },
  });
  if (clientCa === null) return { pair, authorities: null };
  return {
    pair,
    authorities: await loadAuthorities({ path: clientCa, setting: 'WINDVANE_TLS_CLIENT_CA_FILE' }),
  };
}

function same(now: Loaded, before: Loaded): boolean {
  return (
    samePair(now.pair, before.pair) &&
    (now.authorities?.equals(before.authorities ?? Buffer.alloc(0)) ?? true)
  );
}
