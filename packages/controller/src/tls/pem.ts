import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Instant } from '@windvane/carbon-map';
import { UserError } from '../config/user-error.ts';

/** A file, and the setting by which its user named it. */
export interface NamedFile {
  readonly path: string;
  /** For example `api.tls.certFile` or `WINDVANE_TLS_CERT_FILE`. */
  readonly setting: string;
}

/** Where a server's certificate (with what it was issued by, if need be) and its key stand. */
export interface KeyPairFiles {
  readonly cert: NamedFile;
  readonly key: NamedFile;
}

/** A certificate with its key, in PEM form. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** End of the certificate's validity. */
  readonly expiresAt: Instant;
}

/** Reads a certificate and the key that belongs to it. Throws {@link UserError}, which repeats nothing of the files. */
export async function loadKeyPair(files: KeyPairFiles): Promise<KeyPair> {
  const cert = await read(files.cert, 'certificate');
  const key = await read(files.key, 'key');
  const certificate = parsing(files.cert, 'certificate', () => new X509Certificate(cert));
  const privateKey = parsing(files.key, 'private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new UserError(
      `${files.key.setting}: the key in ${files.key.path} does not belong to the certificate in ${files.cert.path}: replace both together`,
    );
  }
  return { cert, key, expiresAt: Date.parse(certificate.validTo) };
}

export function samePair(one: KeyPair, other: KeyPair): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

/** Reads the certificates that others' must come from. Throws {@link UserError}. */
export async function loadAuthorities(file: NamedFile): Promise<Buffer> {
  const authorities = await read(file, 'client CA');
  parsing(file, 'certificate', () => new X509Certificate(authorities));
  return authorities;
}

async function read({ path, setting }: NamedFile, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UserError(
      `${setting}: the ${what} ${path} cannot be read (${code}): name a file that this user may read`,
    );
  }
}

/** What openssl says of a bad file may hold parts of it, and is left out. */
function parsing<T>({ path, setting }: NamedFile, what: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new UserError(`${setting}: ${path} holds no ${what} in PEM form: name a file that does`);
  }
}
