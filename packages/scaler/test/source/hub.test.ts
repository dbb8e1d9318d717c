import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock, HOUR, MINUTE, type VirtualClock } from '@windvane/carbon-map';
import { describe, expect, it, onTestFinished } from 'vitest';
import { seriesOf } from '../../src/policy/series.ts';
import { createMemoryDisk } from '../../src/source/hub/disk.ts';
import { createHubSource, type HubSource } from '../../src/source/hub/hub.ts';
import { type FakeHub, fakeHub, hubView, hubZone } from '../support/hub.ts';
import { NOW } from '../support/outlooks.ts';

interface Setting {
  readonly hub: FakeHub;
  readonly clock: VirtualClock;
  readonly folder: string;
  readonly told: string[];
  readonly source: (zones?: () => readonly string[]) => HubSource;
}

async function setting(): Promise<Setting> {
  const hub = await fakeHub();
  const clock = createVirtualClock(NOW);
  const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-disk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const told: string[] = [];
  const tell = (error: unknown): void =>
    void told.push(error instanceof Error ? error.message : String(error));
  return {
    hub,
    clock,
    folder,
    told,
    source: (zones = () => []) =>
      createHubSource({
        clock,
        cluster: 'blue',
        connection: { url: hub.url, tokenFile: hub.tokenFile, caFile: null },
        disk: createMemoryDisk(folder, tell),
        zones,
        lost: tell,
        back: () => told.push('back'),
      }),
  };
}

/** What a source knows of a zone at an instant, by its first outlook of it. */
function known(source: HubSource, zone: string, at: number): { origin: string; grams: number } | null {
  for (const outlooks of source.outlooks(at)) {
    const outlook = outlooks.get(zone);
    const series = outlook === undefined ? null : seriesOf(outlook);
    if (outlook !== undefined && series !== null && outlook.state.data !== 'baseline') {
      return { origin: outlook.origin, grams: series.timeline.mean(at, 0) };
    }
  }
  return null;
}

describe('the hub as a source', () => {
  it('reads a view with its token, its cluster and the zones that triggers name', async () => {
    const { hub, source } = await setting();
    hub.answer = () => ({
      status: 200,
      etag: '"a"',
      body: hubView([hubZone('DE', { present: 300, ahead: [200] })]),
    });
    const here = source(() => ['FR', 'DE']);
    expect(await here.ask()).toBe(true);
    expect(hub.seen[0]).toMatchObject({
      url: '/scaler/v1/view?cluster=blue&zones=DE%2CFR',
      authorization: 'Bearer a-token-of-the-cluster',
      etag: undefined,
    });
    expect(known(here, 'DE', NOW)).toEqual({ origin: 'hub', grams: 300 });
    expect(known(here, 'DE', NOW + HOUR)).toEqual({ origin: 'disk', grams: 200 });
    expect([here.zone(), here.version(), here.contactAt()]).toEqual(['DE', 1, NOW]);
  });

  it('takes 304 for a contact that changes nothing, and asks anew when the zones change', async () => {
    const { hub, clock, source } = await setting();
    const view = { status: 200, etag: '"a"', body: hubView([hubZone('DE', { present: 300 })]) };
    hub.answer = ({ etag }) => (etag === '"a"' ? { status: 304, body: '' } : view);
    let zones: string[] = [];
    const here = source(() => zones);
    await here.ask();
    clock.advance(MINUTE);
    expect(await here.ask()).toBe(true);
    expect(here.contactAt()).toBe(NOW + MINUTE);
    zones = ['FR'];
    await here.ask();
    expect(hub.seen.map(({ etag }) => etag)).toEqual([undefined, '"a"', undefined]);
  });

  it('goes on with what was said last, also after a restart, and tells of the loss and the return', async () => {
    const { hub, clock, told, source } = await setting();
    const view = {
      status: 200,
      etag: '"a"',
      body: hubView([hubZone('DE', { present: 300, ahead: [200, 100] })]),
    };
    hub.answer = () => view;
    const here = source();
    await here.ask();
    await here.stop();
    const restarted = source();
    hub.answer = () => null;
    clock.advance(2 * HOUR);
    await restarted.load();
    expect(await restarted.ask()).toBe(false);
    expect(known(restarted, 'DE', clock.now())).toEqual({ origin: 'disk', grams: 100 });
    expect(restarted.contactAt()).toBe(NOW);
    expect(told).toEqual([expect.stringMatching(/^the hub cannot be reached \(ECONNRESET\)/)]);
    hub.answer = () => view;
    expect(await restarted.ask()).toBe(true);
    expect(told[1]).toBe('back');
  });

  it('keeps what it knew of a zone that fell back to a yearly average', async () => {
    const { hub, source } = await setting();
    const here = source();
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 300, ahead: [200, 100] })]) });
    await here.ask();
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 400, data: 'baseline' })]) });
    await here.ask();
    expect(known(here, 'DE', NOW + HOUR)).toEqual({ origin: 'disk', grams: 200 });
    // A second poor answer must not wash it out, nor a view without the zone.
    hub.answer = () => ({ status: 200, body: hubView([]) });
    await here.ask();
    await here.stop();
    const restarted = source();
    await restarted.load();
    expect(known(restarted, 'DE', NOW + HOUR)).toEqual({ origin: 'disk', grams: 200 });
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 50 })]) });
    await restarted.ask();
    expect(known(restarted, 'DE', NOW)).toEqual({ origin: 'hub', grams: 50 });
  });

  it.each([
    [
      { status: 401, body: '' },
      'the hub does not know the token: put the one of this cluster in the file of WINDVANE_HUB_TOKEN_FILE',
    ],
    [
      { status: 403, body: '' },
      'the token is not for the cluster blue: WINDVANE_CLUSTER and the token must agree',
    ],
    [{ status: 404, body: '' }, 'the hub has no scaler view: is WINDVANE_HUB_URL the address of its API?'],
    [
      { status: 200, body: '<html>' },
      'the hub did not answer with JSON: is WINDVANE_HUB_URL the address of its API?',
    ],
    [{ status: 503, body: '' }, 'the hub, or a proxy before it, answered 503: its log says why'],
    [
      { status: 302, body: '' },
      'the hub answered 302, which sends elsewhere: write the address that it has now in WINDVANE_HUB_URL',
    ],
    [{ status: 400, body: '' }, 'the hub answered 400: is WINDVANE_HUB_URL the address of its API?'],
    [
      { status: 200, body: hubView([hubZone('DE', { present: -5 })]) },
      'the view of the hub cannot be read (zones.0.current.gramsPerKwh Too small: expected number to be >=0): run hub and scaler of the same version',
    ],
  ])('explains an answer that it cannot use: %#', async (answer, message) => {
    const { hub, told, source } = await setting();
    const here = source();
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 300 })]) });
    await here.ask();
    hub.answer = () => answer;
    expect(await here.ask()).toBe(false);
    expect(told).toEqual([message]);
    expect(known(here, 'DE', NOW)).toMatchObject({ grams: 300 });
  });

  it('reads the token anew for every request, and shows it to nobody', async () => {
    const { hub, told, source } = await setting();
    hub.answer = () => ({ status: 200, body: hubView([]) });
    const here = source();
    await here.ask();
    writeFileSync(hub.tokenFile, 'another-token');
    await here.ask();
    expect(hub.seen[1]?.authorization).toBe('Bearer another-token');
    writeFileSync(hub.tokenFile, 'two words');
    await here.ask();
    rmSync(hub.tokenFile);
    await here.ask();
    expect(told.join()).toContain('must hold one line');
    expect(told.join()).toContain('cannot be read (ENOENT)');
    expect(told.join()).not.toMatch(/another-token|two words/);
  });

  it('asks at its interval, and stops', async () => {
    const { hub, clock, source } = await setting();
    hub.answer = () => ({ status: 200, body: hubView([]) });
    const here = source();
    here.start();
    await expect.poll(() => here.contactAt()).toBe(NOW);
    await expect
      .poll(() => {
        clock.advance(MINUTE);
        return hub.seen.length;
      })
      .toBeGreaterThan(2);
    await here.stop();
    const asked = hub.seen.length;
    clock.advance(HOUR);
    expect(hub.seen).toHaveLength(asked);
  });
});

describe('the disk', () => {
  it('is no obstacle when it is wiped, torn or closed', async () => {
    const { hub, folder, told, source } = await setting();
    const file = join(folder, 'hub-view.json');
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 300 })]) });
    const here = source();
    await here.ask();
    await here.stop();
    const whole = readFileSync(file, 'utf8');
    for (const content of ['', whole.slice(0, 100), '{}', whole.replace('"format":1', '"format":9')]) {
      writeFileSync(file, content);
      const restarted = source();
      await restarted.load();
      expect(restarted.contactAt()).toBeNull();
      expect(await restarted.ask()).toBe(true);
    }
    expect(told).toEqual(
      Array.from(
        { length: 4 },
        () => `WINDVANE_STATE_DIR: ${file} cannot be read: it is written anew once the hub answers`,
      ),
    );
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder was');
    const closed = source();
    await closed.load();
    expect(await closed.ask()).toBe(true);
    await closed.stop();
    expect(known(closed, 'DE', NOW)).toEqual({ origin: 'hub', grams: 300 });
    expect(told.at(-1)).toBe(
      `WINDVANE_STATE_DIR: ${folder} cannot be written (EEXIST): mount a folder there that this user may write`,
    );
  });
});
