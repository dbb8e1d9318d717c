import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates of a test's own authority, as PEM files. */
export interface TlsFiles {
  readonly ca: string;
  /** Of `localhost` and `127.0.0.1`, for servers and for clients. */
  readonly cert: string;
  readonly key: string;
  /** The lines of a redis.conf for a TLS port; nothing listens without TLS then. */
  redisLines(port: number): readonly string[];
  remove(): void;
}

/** Makes them with openssl. */
export function createTlsFiles(): TlsFiles {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-tls-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (line: string): void => {
    execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' });
  };
  const curve = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(`req -x509 ${curve} -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca`);
  openssl(`req ${curve} -keyout server.key -out server.csr -subj /CN=localhost`);
  writeFileSync(file('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl(
    'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem',
  );
  const files = { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') };
  return {
    ...files,
    redisLines: (port) => [
      `tls-port ${port}`,
      `tls-cert-file ${files.cert}`,
      `tls-key-file ${files.key}`,
      `tls-ca-cert-file ${files.ca}`,
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
