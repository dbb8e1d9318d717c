import { readFileSync, writeFileSync } from 'node:fs';
import { get as getPlain } from 'node:http';
import { get } from 'node:https';
import { TLSSocket } from 'node:tls';
import { createVirtualClock, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startApi } from '../../src/api/server.ts';
import { createHubClient } from '../../src/cli/hub-client.ts';
import { UserError } from '../../src/config/user-error.ts';
import { type Authority, createAuthority, type Issued, install } from '../support/certificates.ts';
import { fleetOf } from './fleet.ts';

async function secured({ cert, key }: Issued) {
  const clock = createVirtualClock(Date.now());
  const told: string[] = [];
  const api = await startApi({
    fleet: fleetOf(),
    listen: { host: '127.0.0.1', port: 0 },
    tokensFile: null,
    tls: {
      cert: { path: cert, setting: 'api.tls.certFile' },
      key: { path: key, setting: 'api.tls.keyFile' },
    },
    clock,
    log: {
      info: (_, message) => told.push(message),
      error: ({ reason }, message) => told.push(`${message}: ${String(reason)}`),
    },
  });
  onTestFinished(() => api.stop());
  /** The next look is planned when the last one has read its files. */
  const look = async (count: number): Promise<void> => {
    await expect
      .poll(() => {
        clock.advance(MINUTE);
        return told.length;
      })
      .toBe(count);
  };
  return { url: api.url, told, look };
}

/** Who answers at `/healthz`, by the subject of the certificate. */
function subject(url: string, { ca }: Authority): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca: readFileSync(ca), agent: false }, (response) => {
      const { socket } = response;
      response.resume();
      if (socket instanceof TLSSocket) resolve(socket.getPeerCertificate().subject.CN);
      else reject(new Error('not over TLS'));
    }).on('error', reject);
  });
}

describe('the API over TLS', () => {
  it('answers who trusts its authority, and nobody in the clear', async () => {
    const authority = createAuthority();
    const { url } = await secured(authority.issue('hub'));
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await subject(url, authority)).toBe('hub-1');
    await expect(subject(url, createAuthority())).rejects.toThrow(/certificate/);
    const plain = new Promise((_, reject) => getPlain(url.replace('https', 'http')).on('error', reject));
    await expect(plain).rejects.toThrow(/ECONNRESET|socket hang up/);
  });

  it('follows its files, and keeps what it has while they are torn', async () => {
    const authority = createAuthority();
    const [files, next] = [authority.issue('mounted'), authority.issue('next')];
    const { url, told, look } = await secured(files);
    writeFileSync(files.cert, readFileSync(next.cert));
    await look(1);
    expect(told[0]).toMatch(
      /^the certificate files of the API cannot be used; the ones before stay: api\.tls\.keyFile: .*replace both together$/,
    );
    expect(await subject(url, authority)).toBe('mounted-1');
    install(next, files);
    await look(2);
    expect(told[1]).toBe('the API took over a new certificate');
    expect(await subject(url, authority)).toBe('next-2');
  });

  it('does not start with files that cannot be used, by their setting', async () => {
    const { cert } = createAuthority().issue('hub');
    await expect(secured({ cert, key: '/nowhere/tls.key' })).rejects.toThrow(
      new UserError(
        'api.tls.keyFile: the key /nowhere/tls.key cannot be read (ENOENT): name a file that this user may read',
      ),
    );
  });

  it('is asked by the command line, with an authority of its own', async () => {
    const authority = createAuthority();
    const { url } = await secured(authority.issue('hub'));
    const shape = z.object({ status: z.object({ mode: z.string() }) });
    const ask = (caFile?: string, environment: Record<string, string> = {}) =>
      createHubClient({ url, ...(caFile === undefined ? {} : { caFile }) }, environment).ask(
        '{ status { mode } }',
        {},
        shape,
      );
    expect(await ask(authority.ca)).toEqual({ status: { mode: 'act' } });
    expect(await ask(undefined, { WINDVANE_HUB_CA_FILE: authority.ca })).toEqual({
      status: { mode: 'act' },
    });
    await expect(ask()).rejects.toThrow(
      /^no controller answers at https:.* \([A-Z_]+\): its certificate must be valid.* in --ca-file or WINDVANE_HUB_CA_FILE$/,
    );
    await expect(async () => ask('/nowhere/ca.crt')).rejects.toThrow(
      /^--ca-file: cannot read \/nowhere\/ca\.crt \(ENOENT\)/,
    );
  });
});
