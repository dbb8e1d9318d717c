import { access, constants } from 'node:fs/promises';
import { type Clock, DAY, type LocationResolver, type ZoneCode } from '@windvane/carbon-map';
import { isKubeError, type KubeApi } from '@windvane/controller/kube';
import { tryElection } from '../app/leadership.ts';
import type { ScalerSettings } from '../config/settings.ts';
import { watchTls } from '../grpc/tls.ts';
import { createDecider, type KnownTrigger } from '../policy/decider.ts';
import { makeFolder, unwritable } from '../source/hub/disk.ts';
import type { HubSource } from '../source/hub/hub.ts';
import type { OwnSource } from '../source/own.ts';
import { createSources } from '../source/sources.ts';
import { ownZoneOf } from '../trigger/place.ts';
import { SCALED_OBJECT } from '../watch/scaled.ts';
import { createScaledWatch } from '../watch/watch.ts';
import { countTriggers, lookAtObjects, lookAtTriggers } from './doctor-triggers.ts';
import type { Add, Finding } from './finding.ts';

export interface DoctorParts {
  readonly settings: ScalerSettings;
  readonly clock: Clock;
  readonly resolver: LocationResolver;
  readonly hub: ((zones: () => readonly ZoneCode[], lost: (error: unknown) => void) => HubSource) | null;
  readonly own: (zones: () => readonly ZoneCode[], failed: (error: unknown) => void) => OwnSource;
  readonly api: KubeApi | null;
}

const SOON = 7 * DAY;

/** Looks at everything that a scaler with these settings would stand on, and at every trigger. Changes nothing. */
export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
  const { settings, clock, resolver, api } = parts;
  const findings: Finding[] = [];
  const add: Add = (level, subject, message) => {
    // The sources are asked several times, and may fail the same way at each.
    const same = (found: Finding): boolean => found.subject === subject && found.message === message;
    if (!findings.some(same)) findings.push({ level, subject, message });
  };
  const failed =
    (subject: string) =>
    (error: unknown): void =>
      add('error', subject, error instanceof Error ? error.message : String(error));

  const unwatched = (error: unknown): void => {
    const refused = isKubeError(error, 'forbidden');
    const remedy = 'apply the roles of deploy/scaler, or name another user in WINDVANE_KUBECONFIG';
    failed('API server')(refused ? `${error.message}: ${remedy}` : error);
  };

  await lookAtTls(settings, clock, add).catch(failed('TLS'));
  await lookAtDisk(settings.stateDir, add);
  if (parts.hub === null) {
    add(
      'warning',
      'hub',
      'none is set, so that its shares are not obeyed and it is told nothing: set WINDVANE_HUB_URL',
    );
  }
  let ownZone: ZoneCode | null = null;
  let placed = true;
  try {
    ownZone = ownZoneOf(settings.location, resolver);
  } catch (error) {
    placed = false;
    failed('place')(error);
  }
  const sources = createSources({
    clock,
    ownZone,
    hub: (zones) => parts.hub?.(zones, failed('hub')) ?? null,
    own: (zones) => parts.own(zones, failed('own sources')),
  });
  const watch = api === null ? null : createScaledWatch({ api, clock, failed: unwatched });
  try {
    await sources.load();
    // What is on disk also has a version.
    if (parts.hub !== null && !findings.some(({ subject }) => subject === 'hub'))
      add('ok', 'hub', `answers with version ${sources.snapshot().version} of the map`);
    if (placed) lookAtPlace(sources.ownZone(), add);
    if (api === null || watch === null) {
      const remedy = settings.watch ? 'set WINDVANE_KUBECONFIG' : 'take WINDVANE_WATCH=off away';
      add(
        'warning',
        'API server',
        `is not watched, so that no trigger was looked at, and there are no Events and no Job gate: ${remedy}`,
      );
      return findings;
    }
    if (!(await api.serves(SCALED_OBJECT))) {
      add(
        'warning',
        'KEDA',
        'is not installed in this cluster: install it, unless the Job gate is all you need',
      );
    }
    await tryElection(api, settings.namespace).catch(failed('leader'));
    await watch.start();
    const asking = lookAtObjects(watch.kinds, settings.address, add);
    const decide = (): readonly KnownTrigger[] => {
      const decider = createDecider({
        clock,
        resolver,
        snapshot: sources.snapshot,
        ownZone: sources.ownZone,
        facts: watch.facts,
      });
      for (const ref of asking) decider.decide(ref);
      return decider.triggers();
    };
    await sources.want(decide().flatMap(({ zone }) => (zone === null ? [] : [zone])));
    await sources.load();
    const known = decide();
    lookAtTriggers(known, sources.snapshot(), add);
    // Who could not look has not found none.
    if (watch.synced()) countTriggers(known, add);
  } catch (error) {
    failed('API server')(error);
  } finally {
    await Promise.all([watch?.stop(), sources.stop()]);
  }
  return findings;
}

async function lookAtTls({ tls }: ScalerSettings, clock: Clock, add: Add): Promise<void> {
  if (tls === null) {
    add(
      'warning',
      'TLS',
      'is off: whoever reaches the port may ask; set WINDVANE_TLS_CERT_FILE and WINDVANE_TLS_KEY_FILE',
    );
    return;
  }
  const material = await watchTls({ files: tls, clock, reloaded: () => {}, refused: () => {} });
  material.stop();
  const left = material.expiresAt() - clock.now();
  const day = new Date(material.expiresAt()).toISOString().slice(0, 10);
  if (left < 0) add('error', 'TLS', `the certificate expired on ${day}: replace ${tls.cert}`);
  else if (left < SOON) add('warning', 'TLS', `the certificate ends on ${day}: replace ${tls.cert} before`);
  else add('ok', 'TLS', `the certificate is good until ${day}`);
}

async function lookAtDisk(folder: string | null, add: Add): Promise<void> {
  if (folder === null) {
    add('warning', 'disk', 'nothing is kept over a restart: set WINDVANE_STATE_DIR');
    return;
  }
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    add('ok', 'disk', `${folder} can be written`);
  } catch (error) {
    add('error', 'disk', unwritable(folder, error));
  }
}

function lookAtPlace(place: ZoneCode | null, add: Add): void {
  if (place !== null) add('ok', 'place', place);
  else {
    add(
      'warning',
      'place',
      'nobody says where this cluster stands, which the Job gate and triggers without a location go by: set WINDVANE_LOCATION, or windvane.dev/location on its Cluster on the hub',
    );
  }
}
