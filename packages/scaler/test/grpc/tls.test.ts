import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ChannelCredentials, credentials, status } from '@grpc/grpc-js';
import { createVirtualClock, DAY, MINUTE, type VirtualClock } from '@windvane/carbon-map';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  type Authority,
  createAuthority,
  type Issued,
  install,
} from '../../../controller/test/support/certificates.ts';
import { type TlsFiles, type TlsMaterial, watchTls } from '../../src/grpc/tls.ts';
import { connectKeda, type KedaClient } from '../support/keda.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';
import { founding, serve } from '../support/serve.ts';

const clean = snapshotOf(outlook({ present: 100, ahead: [100, 100] }));

interface Secured {
  readonly address: string;
  readonly material: TlsMaterial;
  readonly clock: VirtualClock;
  readonly told: string[];
}

async function secured(files: TlsFiles): Promise<Secured> {
  const clock = createVirtualClock(NOW);
  const told: string[] = [];
  const material = await watchTls({
    files,
    clock,
    reloaded: () => told.push('reloaded'),
    refused: (reason) => told.push(reason),
  });
  onTestFinished(() => material.stop());
  const { server } = await serve(clean, { credentials: material.credentials, clock });
  return { address: `localhost:${server.port}`, material, clock, told };
}

const trusting = ({ ca }: Authority, client?: Issued): ChannelCredentials =>
  client === undefined
    ? credentials.createSsl(readFileSync(ca))
    : credentials.createSsl(readFileSync(ca), readFileSync(client.key), readFileSync(client.cert));

function connect(
  address: string,
  channel: ChannelCredentials,
  more: Record<string, unknown> = {},
): KedaClient {
  const keda = connectKeda(address, { channel, client: more });
  onTestFinished(() => keda.close());
  return keda;
}

/** The status of a call: a failed handshake makes it UNAVAILABLE. */
async function outcome(keda: KedaClient): Promise<{ code: number; details: string }> {
  try {
    await keda.isActive(founding);
    return { code: status.OK, details: '' };
  } catch (error) {
    return z.object({ code: z.number(), details: z.string() }).parse(error);
  }
}

const files = (issued: Issued, clientCa: string | null = null): TlsFiles => ({ ...issued, clientCa });

describe('TLS', () => {
  it('serves who trusts the authority, and says until when', async () => {
    const authority = createAuthority();
    const { address, material } = await secured(files(authority.issue('scaler')));
    expect(await connect(address, trusting(authority)).poll(founding)).toMatchObject({ value: 10 });
    expect(material.expiresAt()).toBeGreaterThan(Date.now() + DAY);
  });

  it('is not trusted with another authority, another name, or after its end', async () => {
    const authority = createAuthority();
    const right = await secured(files(authority.issue('scaler')));
    const stranger = await outcome(connect(right.address, trusting(createAuthority())));
    expect(stranger.code).toBe(status.UNAVAILABLE);
    expect(stranger.details).toMatch(/self-signed|unable to verify|issuer/i);

    const wrongName = await secured(files(authority.issue('scaler', { san: 'DNS:elsewhere.example' })));
    const misnamed = await outcome(connect(wrongName.address, trusting(authority)));
    expect(misnamed.code).toBe(status.UNAVAILABLE);
    expect(misnamed.details).toMatch(/altnames|does not match/i);

    const old = await secured(files(authority.issue('scaler', { days: -1 })));
    const expired = await outcome(connect(old.address, trusting(authority)));
    expect(expired.code).toBe(status.UNAVAILABLE);
    expect(expired.details).toMatch(/expired/i);
  });

  it('speaks to nobody in the clear', async () => {
    const { address } = await secured(files(createAuthority().issue('scaler')));
    const plain = await outcome(connect(address, credentials.createInsecure()));
    expect(plain.code).toBe(status.UNAVAILABLE);
  });
});

describe('mutual TLS', () => {
  it('serves clients of its authority and nobody else', async () => {
    const authority = createAuthority();
    const clients = createAuthority();
    const { address } = await secured(files(authority.issue('scaler'), clients.ca));
    const good = connect(address, trusting(authority, clients.issue('keda')));
    expect(await outcome(good)).toMatchObject({ code: status.OK });
    const none = connect(address, trusting(authority));
    expect((await outcome(none)).code).toBe(status.UNAVAILABLE);
    const foreign = connect(address, trusting(authority, createAuthority().issue('keda')));
    expect((await outcome(foreign)).code).toBe(status.UNAVAILABLE);
    const old = connect(address, trusting(authority, clients.issue('keda', { days: -1 })));
    expect((await outcome(old)).code).toBe(status.UNAVAILABLE);
  });

  it('follows a change of the client authority', async () => {
    const authority = createAuthority();
    const [before, after] = [createAuthority(), createAuthority()];
    const { address, clock, told } = await secured(files(authority.issue('scaler'), before.ca));
    writeFileSync(before.ca, readFileSync(after.ca));
    clock.advance(MINUTE);
    await expect.poll(() => told).toEqual(['reloaded']);
    const client = connect(address, trusting(authority, after.issue('keda')));
    expect(await outcome(client)).toMatchObject({ code: status.OK });
  });
});

describe('a rotation of the certificate', () => {
  it('drops no call and no stream under load, and serves new connections with the new one', async () => {
    const [old, next] = [createAuthority(), createAuthority()];
    const issued = old.issue('scaler');
    const { address, clock, told } = await secured(files(issued));
    const keda = connect(address, trusting(old));
    const codes: number[] = [];
    let ended: number | null = null;
    const stream = keda.streamIsActive(founding);
    stream.on('data', () => {});
    stream.on('error', () => {});
    stream.on('status', ({ code }) => {
      ended = code;
    });
    const loading = new AbortController();
    const load = Array.from({ length: 8 }, async () => {
      while (!loading.signal.aborted) codes.push((await outcome(keda)).code);
    });
    await expect.poll(() => codes.length).toBeGreaterThan(50);
    install(next.issue('scaler'), issued);
    clock.advance(MINUTE);
    await expect.poll(() => told).toEqual(['reloaded']);
    const before = codes.length;
    const fresh = connect(address, trusting(next), { 'grpc.use_local_subchannel_pool': 1 });
    expect(await outcome(fresh)).toMatchObject({ code: status.OK });
    await expect.poll(() => codes.length).toBeGreaterThan(before + 50);
    loading.abort();
    await Promise.all(load);
    expect(new Set(codes)).toEqual(new Set([status.OK]));
    expect(ended).toBeNull();
    // The old authority does not vouch for the new certificate: new connections really get it.
    const late = connect(address, trusting(old), { 'grpc.use_local_subchannel_pool': 1 });
    expect((await outcome(late)).code).toBe(status.UNAVAILABLE);
  });

  it('waits while the files are half written or gone, and says so once', async () => {
    const authority = createAuthority();
    const issued = authority.issue('scaler');
    const { address, clock, told } = await secured(files(issued));
    const another = authority.issue('scaler');
    writeFileSync(issued.cert, readFileSync(another.cert));
    const look = async (count: number): Promise<void> => {
      // The next look is planned when the last one has read its files.
      await expect
        .poll(() => {
          clock.advance(MINUTE);
          return told.length;
        })
        .toBe(count);
    };
    await look(1);
    expect(told[0]).toMatch(
      /^WINDVANE_TLS_KEY_FILE: the key in .* does not belong to the certificate in .*: replace both together$/,
    );
    expect(await outcome(connect(address, trusting(authority)))).toMatchObject({ code: status.OK });
    writeFileSync(issued.cert, 'garbage with a secret');
    await look(2);
    expect(told[1]).toMatch(
      /^WINDVANE_TLS_CERT_FILE: .* holds no certificate in PEM form: name a file that does$/,
    );
    rmSync(issued.cert);
    await look(3);
    expect(told[2]).toMatch(
      /^WINDVANE_TLS_(CERT|KEY)_FILE: .* cannot be read \(ENOENT\): name a file that this user may read$/,
    );
    install(another, issued);
    await look(4);
    expect(told[3]).toBe('reloaded');
    expect(told.join()).not.toContain('secret');
  });
});

describe('files that cannot be used at the start', () => {
  it('end it with one line', async () => {
    const issued = createAuthority().issue('scaler');
    const start = (wrong: Partial<TlsFiles>): Promise<unknown> =>
      watchTls({
        files: { ...files(issued), ...wrong },
        clock: createVirtualClock(NOW),
        reloaded: () => {},
        refused: () => {},
      }).then(
        () => 'started',
        (error: unknown) => (error instanceof Error ? [error.name, error.message] : error),
      );
    expect(await start({ key: '/nowhere/tls.key' })).toEqual([
      'UserError',
      'WINDVANE_TLS_KEY_FILE: the key /nowhere/tls.key cannot be read (ENOENT): name a file that this user may read',
    ]);
    expect(await start({ key: issued.cert })).toEqual([
      'UserError',
      expect.stringContaining('holds no private key'),
    ]);
    expect(await start({ clientCa: issued.key })).toEqual([
      'UserError',
      expect.stringContaining('holds no certificate'),
    ]);
  });
});
