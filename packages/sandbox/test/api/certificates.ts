import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server's certificate and key, and the authority that signed it; all PEM. */
export interface TestCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority and a certificate for `names` (`DNS:a`, `IP:127.0.0.1`), by OpenSSL. */
export function makeCertificate(...names: string[]): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'webhook-'));
  const openssl = (args: string): void => {
    execFileSync('openssl', args.split(' '), { cwd: folder, stdio: 'ignore' });
  };
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const curve = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  try {
    writeFileSync(join(folder, 'ext'), `subjectAltName=${names.join(',')}\n`);
    openssl(`req -x509 ${curve} -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca`);
    openssl(`req ${curve} -keyout server.key -out server.csr -subj /CN=test`);
    openssl(
      'x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem',
    );
    return { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
