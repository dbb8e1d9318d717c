import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of one test. Files go when the test ends. */
export interface Authority {
  /** PEM file of its certificate. */
  readonly ca: string;
  /** A certificate for a DNS name; days below 0 make one that has expired. */
  issue(name: string, options?: { readonly san?: string; readonly days?: number }): Issued;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  openssl(
    'req',
    '-x509',
    ...EC,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test authority',
    '-days',
    '2',
  );
  let serial = 0;
  return {
    ca: join(folder, 'ca.pem'),
    issue(name, { san = 'DNS:localhost,IP:127.0.0.1', days = 2 } = {}) {
      serial += 1;
      const base = `${name}-${serial}`;
      const extensions = join(folder, `${base}.ext`);
      writeFileSync(extensions, `subjectAltName=${san}\n`);
      openssl('req', ...EC, '-keyout', `${base}.key`, '-out', `${base}.csr`, '-subj', `/CN=${base}`);
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)];
      openssl(
        'x509',
        '-req',
        '-in',
        `${base}.csr`,
        ...signing,
        '-extfile',
        extensions,
        '-out',
        `${base}.pem`,
      );
      return { cert: join(folder, `${base}.pem`), key: join(folder, `${base}.key`) };
    },
  };
}

/** Puts a certificate and its key in place of others, as an update of a mounted Secret does. */
export function install(from: Issued, to: Issued): void {
  writeFileSync(to.cert, readFileSync(from.cert));
  writeFileSync(to.key, readFileSync(from.key));
}
