import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY } from '@windvane/carbon-map';
import { expect, it, onTestFinished } from 'vitest';
import { apiProblems } from '../../src/doctor/api.ts';
import { createAuthority, type Issued } from '../support/certificates.ts';

const local = { listen: { host: '127.0.0.1', port: 4280 }, tokensFile: null, tls: null };
const tls = ({ cert, key }: Issued) => ({
  cert: { path: cert, setting: 'api.tls.certFile' },
  key: { path: key, setting: 'api.tls.keyFile' },
});

it('says nothing of an API that would start', async () => {
  const issued = createAuthority().issue('hub', { days: 30 });
  expect(await apiProblems({ ...local, tls: tls(issued) }, Date.now())).toEqual([]);
});

it('names what the start would refuse', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-doctor-api-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokensFile = join(folder, 'tokens.yaml');
  writeFileSync(tokensFile, '- { role: reader, token: short }');
  const listen = { host: '0.0.0.0', port: 4280 };
  expect(await apiProblems({ ...local, listen }, 0)).toEqual([
    expect.stringMatching(/^api\.listen: 0\.0\.0\.0 can be reached from other machines/),
  ]);
  const authority = createAuthority();
  const [one, other] = [authority.issue('one'), authority.issue('other')];
  const problems = await apiProblems({ listen, tokensFile, tls: tls({ cert: one.cert, key: other.key }) }, 0);
  expect(problems).toEqual([
    expect.stringMatching(/api\.tokensFile\[0\]\.token: is too short/),
    expect.stringMatching(/^api\.tls\.keyFile: the key in .* does not belong/),
  ]);
});

it('names a certificate that ends, and one that has', async () => {
  const issued = createAuthority().issue('hub', { days: 30 });
  const about = (later: number) => apiProblems({ ...local, tls: tls(issued) }, Date.now() + later);
  expect(await about(29.5 * DAY)).toEqual([
    expect.stringMatching(/^api\.tls\.certFile: the certificate ends on \d{4}-\d\d-\d\d: replace .* before$/),
  ]);
  expect(await about(31 * DAY)).toEqual([
    expect.stringMatching(
      /^api\.tls\.certFile: the certificate expired on \d{4}-\d\d-\d\d: replace .* with its key$/,
    ),
  ]);
});

it('does not judge files of another machine', async () => {
  const there = { cert: '/nowhere/tls.crt', key: '/nowhere/tls.key' };
  expect(await apiProblems({ ...local, tokensFile: '/nowhere/tokens.yaml', tls: tls(there) }, 0)).toEqual([]);
});
