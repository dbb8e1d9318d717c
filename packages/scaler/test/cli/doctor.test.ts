import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBaselineProvider,
  createLocationResolver,
  createVirtualClock,
  systemClock,
} from '@windvane/carbon-map';
import { connectKube, LEASE } from '@windvane/controller/kube';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../../controller/test/support/certificates.ts';
import { type DoctorParts, examine } from '../../src/cli/doctor.ts';
import type { Finding } from '../../src/cli/finding.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createMemoryDisk } from '../../src/source/hub/disk.ts';
import { createHubSource } from '../../src/source/hub/hub.ts';
import { createOwnSource } from '../../src/source/own.ts';
import { startCluster } from '../support/cluster.ts';
import { type FakeHub, fakeHub, hubView, hubZone } from '../support/hub.ts';
import { NOW } from '../support/outlooks.ts';

const clock = createVirtualClock(NOW);
const resolver = createLocationResolver();
const bare: DoctorParts = {
  settings: readSettings({ WINDVANE_WATCH: 'off' }),
  clock,
  resolver,
  hub: null,
  own: (zones, failed) =>
    createOwnSource({ clock, resolver, chain: () => [createBaselineProvider()], zones, failed }),
  api: null,
};
const text = (findings: readonly Finding[]): string[] =>
  findings.map(({ level, subject, message }) => `${level} ${subject}: ${message}`);

/** A hub as source, with what it said kept in a folder. */
const from =
  (hub: Pick<FakeHub, 'url' | 'tokenFile'>, folder: string | null): NonNullable<DoctorParts['hub']> =>
  (zones, lost) =>
    createHubSource({
      clock,
      cluster: 'blue',
      connection: { url: hub.url, tokenFile: hub.tokenFile, caFile: null },
      disk: createMemoryDisk(folder, lost),
      zones,
      lost,
      back: () => {},
    });

describe('windvane-scaler doctor', () => {
  it('says what is missed where nothing is set', async () => {
    expect(text(await examine(bare))).toEqual([
      'warning TLS: is off: whoever reaches the port may ask; set WINDVANE_TLS_CERT_FILE and WINDVANE_TLS_KEY_FILE',
      'warning disk: nothing is kept over a restart: set WINDVANE_STATE_DIR',
      'warning hub: none is set, so that its shares are not obeyed and it is told nothing: set WINDVANE_HUB_URL',
      'warning place: nobody says where this cluster stands, which the Job gate and triggers without a location go by: set WINDVANE_LOCATION, or windvane.dev/location on its Cluster on the hub',
      'warning API server: is not watched, so that no trigger was looked at, and there are no Events and no Job gate: take WINDVANE_WATCH=off away',
    ]);
  });

  it('names triggers with mistakes, without data, and with a target out of reach', async () => {
    const hub = await fakeHub();
    const past = Array.from({ length: 200 }, (_, hour) => 350 + (hour % 50));
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 380, past })]) });
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    await cluster.namespace('ai');
    await cluster.namespace('windvane-system');
    const scaled = (name: string, metadata: Record<string, string>) => ({
      kind: 'ScaledObject',
      apiVersion: 'keda.sh/v1alpha1',
      metadata: { name, namespace: 'ai' },
      spec: { scaleTargetRef: { name }, triggers: [{ type: 'external', metadata }] },
    });
    const address = { scalerAddress: 'windvane-scaler.windvane-system:6000' };
    await cluster.create(
      scaled('never', { ...address, targetValue: '150', location: 'de' }),
      scaled('wrong', { ...address, targetValue: 'abc', location: 'de' }),
      scaled('unknown', { ...address, targetValue: '150', location: 'fr' }),
      scaled('other', { scalerAddress: 'somebody-else:6000', threshold: '5' }),
    );
    const findings = await examine({
      ...bare,
      api: cluster.api,
      hub: from(hub, null),
    });
    expect(text(findings).slice(2)).toEqual([
      'ok hub: answers with version 1 of the map',
      'ok place: DE',
      'error ai/wrong: BadTrigger: spec.triggers[0].metadata: targetValue must be a number of grams per kWh above 0, for example "150", got "abc"',
      'warning ai/never: TargetNeverReached: targetValue 150 is never reached in DE: the lowest of 203 known hours is 350 g/kWh. "366" would have run in 30 % of them; percentile: "30" asks for the cleanest hours of each day, at any level.',
      'warning ai/unknown: nothing but a yearly average is known of FR: add a source for it to carbon.providers of the hub, or of the file that WINDVANE_CONFIG names',
      'ok triggers: 3 asking this scaler, 1 of them held now',
    ]);
  });

  it('says of triggers what Events tell, and counts those that ask this scaler', async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    for (const name of ['ai', 'windvane-system']) await cluster.namespace(name);
    const scalerAddress = 'windvane-scaler.windvane-system.svc:6000';
    const rule = { targetValue: '150', location: 'de' };
    const triggers: Readonly<Record<string, readonly object[]>> = {
      beside: [
        { type: 'external', metadata: { ...rule, scalerAddress } },
        { type: 'cron', metadata: {} },
      ],
      early: [{ type: 'carbon-aware', metadata: { ...rule, targetValue: 'x' } }],
      elsewhere: [{ type: 'external', metadata: { ...rule, scalerAddress: 'windvane-scaller:6000' } }],
      environment: [{ type: 'external', metadata: { targetValueFromEnv: 'TARGET', scalerAddress } }],
      nothing: [{ type: 'external', metadata: { scalerAddress } }],
      small: [{ type: 'external', metadata: { targetvalue: '150', location: 'de', scalerAddress } }],
    };
    for (const [name, written] of Object.entries(triggers)) {
      await cluster.create({
        kind: 'ScaledObject',
        apiVersion: 'keda.sh/v1alpha1',
        metadata: { name, namespace: 'ai' },
        spec: { scaleTargetRef: { name }, triggers: written },
      });
    }
    const findings = text(await examine({ ...bare, api: cluster.api })).slice(4);
    expect(findings.map((line) => line.replace(/: KEDA takes.*/, ''))).toEqual([
      'warning ai/beside: CarbonIsNoLimit: the carbon trigger stands beside another trigger',
      'error ai/early: BadTrigger: spec.triggers[0].metadata: targetValue must be a number of grams per kWh above 0, for example "150", got "x"',
      'error ai/early: NotConverted: spec.triggers[0]: type carbon-aware was not converted, and KEDA does not know it: apply deploy/scaler with its admission, or write type: external',
      'warning ai/elsewhere: spec.triggers[0].metadata: scalerAddress "windvane-scaller:6000" is not the one of this scaler: write "windvane-scaler.windvane-system.svc:6000", or set WINDVANE_ADDRESS to what KEDA reaches it by',
      'error ai/nothing: BadTrigger: spec.triggers[0].metadata: targetValue is missing: write grams per kWh, for example "150", or percentile: "30"',
      'error ai/small: BadTrigger: spec.triggers[0].metadata: "targetvalue" is not a key of this trigger: did you mean targetValue?',
      'error ai/small: BadTrigger: spec.triggers[0].metadata: targetValue is missing: write grams per kWh, for example "150", or percentile: "30"',
      'warning ai/beside: nothing but a yearly average is known of DE: add a source for it to carbon.providers of the hub, or of the file that WINDVANE_CONFIG names',
      'ok triggers: 3 asking this scaler, 0 of them held now',
    ]);
  });

  it('tells a place that is none as an error, whatever the hub says', async () => {
    const placed = async (written: string): Promise<string[]> =>
      text(await examine({ ...bare, settings: readSettings({ WINDVANE_LOCATION: written }) })).filter(
        (line) => line.includes('place:'),
      );
    expect(await placed('us-east-1')).toEqual(['ok place: US-MIDA-PJM']);
    expect((await placed('us-eest-1')).join('\n')).toMatch(
      /^error place: WINDVANE_LOCATION: location "us-eest-1" is not known \(did you mean us-east-1[^\n]*$/,
    );
    expect((await placed('EU')).join('\n')).toMatch(
      /^error place: WINDVANE_LOCATION: location "EU" stands for \d+ zones: write one cloud region or zone$/,
    );
  });

  it('tells a hub that is lost once, and not as one that answers, whatever is on disk', async () => {
    const hub = await fakeHub();
    hub.answer = () => ({ status: 200, body: hubView([hubZone('DE', { present: 380 })]) });
    const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const about = async (): Promise<string[]> =>
      text(
        await examine({
          ...bare,
          api: cluster.api,
          hub: from(hub, folder),
        }),
      ).filter((line) => line.includes(' hub: '));
    expect(await about()).toEqual(['ok hub: answers with version 1 of the map']);
    hub.answer = () => ({ status: 503, body: '' });
    expect(await about()).toEqual([
      'error hub: the hub, or a proxy before it, answered 503: its log says why',
    ]);
  });

  it('does not count the triggers that it may not look at', async () => {
    const cluster = await startCluster({ users: ['nobody'] });
    onTestFinished(() => cluster.stop());
    const api = connectKube({ kubeconfig: cluster.sandbox.kubeconfig('nobody') });
    const findings = text(await examine({ ...bare, api })).slice(4);
    expect(findings).toEqual([
      expect.stringMatching(
        /^error leader: the Lease windvane-scaler in the namespace windvane-system may not be written/,
      ),
      expect.stringMatching(
        /^error API server: list scaledobjects: .*: apply the roles of deploy\/scaler, or name/,
      ),
      expect.stringMatching(
        /^error API server: list scaledjobs: .*: apply the roles of deploy\/scaler, or name/,
      ),
    ]);
  });

  it('tells that no pod can lead, and leaves no Lease behind', async () => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.stop());
    const leader = async (): Promise<string[]> =>
      text(await examine({ ...bare, api: cluster.api })).filter((line) => line.includes('leader:'));
    expect(await leader()).toEqual([
      'error leader: the namespace windvane-system is not there, and without a leader gated Jobs stay suspended and no Events are written: set WINDVANE_NAMESPACE to where the scaler runs, or apply deploy/scaler',
    ]);
    await cluster.namespace('windvane-system');
    expect(await leader()).toEqual([]);
    expect((await cluster.user.list(LEASE)).items).toEqual([]);
  });

  it('looks at the files: certificate, folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const authority = createAuthority();
    const of = async (days: number, stateDir: string): Promise<string[]> => {
      const { cert, key } = authority.issue('scaler', { days });
      const settings = { ...bare.settings, tls: { cert, key, clientCa: null }, stateDir };
      return text(await examine({ ...bare, settings, clock: systemClock })).slice(0, 2);
    };
    const [good, writable] = await of(30, folder);
    expect(good).toMatch(/^ok TLS: the certificate is good until /);
    expect(writable).toBe(`ok disk: ${folder} can be written`);
    expect((await of(2, folder))[0]).toMatch(/^warning TLS: the certificate ends on .*: replace .* before$/);
    const [expired, unwritable] = await of(-1, file);
    expect(expired).toMatch(/^error TLS: the certificate expired on .*: replace /);
    expect(unwritable).toMatch(/^error disk: WINDVANE_STATE_DIR: .* cannot be written \(EEXIST\)/);
    expect((await of(30, join(folder, 'new', 'deep')))[1]).toMatch(/^ok disk: /);
    // Linux says ENOENT of a new folder there, though what is above is there.
    const noPlace = platform() === 'linux' ? '/proc/nope' : join(file, 'nope');
    expect((await of(30, noPlace))[1]).toMatch(/^error disk: .*nope cannot be written \(E[A-Z]+\)/);
  });
});
