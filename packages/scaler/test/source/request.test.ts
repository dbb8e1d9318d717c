import { copyFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../controller/test/support/certificates.ts';
import { askHub, type HubConnection, HubError } from '../../src/source/hub/request.ts';
import { type FakeHub, fakeHub } from '../support/hub.ts';

const ask = (connection: HubConnection) =>
  askHub(connection, { method: 'GET', path: '/scaler/v1/view', abort: AbortSignal.timeout(20_000) });
const refusal = async (connection: HubConnection): Promise<HubError> => {
  const error: unknown = await ask(connection).catch((thrown: unknown) => thrown);
  if (!(error instanceof HubError)) throw new Error('the hub was believed');
  return error;
};

/** A hub that answers with HTTPS. */
async function secureHub(
  options: Parameters<ReturnType<typeof createAuthority>['issue']>[1] = {},
): Promise<{ readonly hub: FakeHub; readonly ca: string }> {
  const authority = createAuthority();
  const hub = await fakeHub(authority.issue('hub', options));
  hub.answer = () => ({ status: 200, body: '{}' });
  return { hub, ca: authority.ca };
}

describe('a question to the hub over HTTPS', () => {
  it('carries the token to a hub whose authority is named', async () => {
    const { hub, ca } = await secureHub();
    const { url, tokenFile } = hub;
    expect(await ask({ url, tokenFile, caFile: ca })).toMatchObject({ status: 200, body: '{}' });
    expect(hub.seen.map(({ authorization }) => authorization)).toEqual(['Bearer a-token-of-the-cluster']);
  });

  it.each([
    [
      'whose certificate comes from somebody else',
      {},
      () => createAuthority().ca,
      /UNABLE_TO_VERIFY|SIGNATURE/,
    ],
    ['under another name', { san: 'DNS:elsewhere.example' }, null, /ERR_TLS_CERT_ALTNAME_INVALID/],
    ['whose certificate has expired', { days: -1 }, null, /CERT_HAS_EXPIRED/],
  ] as const)('never carries it to a hub %s', async (_, options, authority, reason) => {
    const { hub, ca } = await secureHub(options);
    const { url, tokenFile } = hub;
    const error = await refusal({ url, tokenFile, caFile: authority?.() ?? ca });
    expect(error.message).toMatch(/^the hub cannot be reached/);
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('come from an authority in WINDVANE_HUB_CA_FILE');
    expect(error.message).not.toContain('a-token-of-the-cluster');
    expect(hub.seen).toEqual([]);
  });

  it('reads token and authorities anew, as Kubernetes replaces them', async () => {
    const { hub, ca } = await secureHub();
    const { url, tokenFile } = hub;
    const other = createAuthority().ca;
    const connection = { url, tokenFile, caFile: other };
    expect((await refusal(connection)).status).toBe(0);
    copyFileSync(ca, other);
    writeFileSync(tokenFile, 'another-token\n');
    await ask(connection);
    expect(hub.seen.map(({ authorization }) => authorization)).toEqual(['Bearer another-token']);
  });

  it('is not sent without a token', async () => {
    const { hub, ca } = await secureHub();
    const { url, tokenFile } = hub;
    writeFileSync(tokenFile, ' \n');
    expect((await refusal({ url, tokenFile, caFile: ca })).message).toBe(
      `WINDVANE_HUB_TOKEN_FILE: the token file ${tokenFile} is empty: put the token of this cluster in it`,
    );
    writeFileSync(tokenFile, 'one-line\nanother\n');
    expect((await refusal({ url, tokenFile, caFile: ca })).message).toBe(
      `WINDVANE_HUB_TOKEN_FILE: the token file ${tokenFile} must hold one line, the token of this cluster, and nothing else`,
    );
    expect((await refusal({ url, tokenFile: ca, caFile: '/nowhere' })).message).not.toContain('BEGIN');
    expect((await refusal({ url, tokenFile: '/nowhere', caFile: ca })).message).toBe(
      'WINDVANE_HUB_TOKEN_FILE: the token file /nowhere cannot be read (ENOENT): name a file that this user may read',
    );
    expect(hub.seen).toEqual([]);
  });

  it('ends when the hub takes too long, or says too much', async () => {
    const { hub, ca } = await secureHub();
    const { url, tokenFile } = hub;
    hub.answer = () => ({ status: 200, body: 'x'.repeat(8_000_001) });
    expect((await refusal({ url, tokenFile, caFile: ca })).message).toBe(
      "the hub's answer is larger than 8 MB",
    );
    expect((await refusal({ url, tokenFile, caFile: ca, timeout: 0 })).message).toBe(
      'the hub did not answer in time: is WINDVANE_HUB_URL its address, and is the way open?',
    );
  });
});
