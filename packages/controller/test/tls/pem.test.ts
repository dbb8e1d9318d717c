import { writeFileSync } from 'node:fs';
import { DAY } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/user-error.ts';
import { loadAuthorities, loadKeyPair, samePair } from '../../src/tls/pem.ts';
import { createAuthority, type Issued } from '../support/certificates.ts';

const load = ({ cert, key }: Issued) =>
  loadKeyPair({
    cert: { path: cert, setting: 'api.tls.certFile' },
    key: { path: key, setting: 'api.tls.keyFile' },
  });

describe('a certificate with its key', () => {
  it('is read with the end of its validity', async () => {
    const authority = createAuthority();
    const pair = await load(authority.issue('hub'));
    expect(pair.expiresAt).toBeGreaterThan(Date.now() + DAY);
    expect(samePair(pair, pair)).toBe(true);
    expect(samePair(pair, await load(authority.issue('hub')))).toBe(false);
  });

  it('is refused by the setting that has to be mended', async () => {
    const authority = createAuthority();
    const [one, other] = [authority.issue('one'), authority.issue('other')];
    await expect(load({ ...one, cert: '/nowhere/tls.crt' })).rejects.toThrow(
      new UserError(
        'api.tls.certFile: the certificate /nowhere/tls.crt cannot be read (ENOENT): name a file that this user may read',
      ),
    );
    await expect(load({ ...one, key: '/nowhere/tls.key' })).rejects.toThrow(
      /^api\.tls\.keyFile: the key \/nowhere\/tls\.key cannot be read/,
    );
    await expect(load({ cert: one.key, key: one.key })).rejects.toThrow(
      `api.tls.certFile: ${one.key} holds no certificate in PEM form: name a file that does`,
    );
    await expect(load({ cert: one.cert, key: other.key })).rejects.toThrow(
      `api.tls.keyFile: the key in ${other.key} does not belong to the certificate in ${one.cert}: replace both together`,
    );
  });

  it('says nothing of what a bad file holds', async () => {
    const one = createAuthority().issue('one');
    writeFileSync(one.key, 'a secret that is no key');
    await expect(load(one)).rejects.toThrow(
      new UserError(`api.tls.keyFile: ${one.key} holds no private key in PEM form: name a file that does`),
    );
  });
});

describe('authorities', () => {
  it('are read, and refused where they are none', async () => {
    const authority = createAuthority();
    const read = (path: string) => loadAuthorities({ path, setting: 'WINDVANE_TLS_CLIENT_CA_FILE' });
    expect((await read(authority.ca)).toString()).toContain('BEGIN CERTIFICATE');
    await expect(read(authority.issue('one').key)).rejects.toThrow(/holds no certificate in PEM form/);
  });
});
