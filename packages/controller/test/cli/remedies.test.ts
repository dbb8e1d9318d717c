import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { remedyLines } from '../../src/cli/remedies.ts';
import { optInKeys } from '../../src/optin/keys.ts';

const about = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const object = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({
    namespace: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

/** Every reason that the status knows, from its own source, so that a new one cannot be forgotten here. */
const source = readFileSync(new URL('../../src/status/carbon-placement.ts', import.meta.url), 'utf8');
const reasons = [...source.matchAll(/type (?:Misconfigured|Blocked)Reason =([^;]+);/g)].flatMap(([, list]) =>
  [...(list ?? '').matchAll(/'(\w+)'/g)].map(([, reason]) => reason ?? ''),
);
const onOcm = {
  apiVersion: 'work.open-cluster-management.io/v1alpha1',
  kind: 'ManifestWorkReplicaSet',
  namespace: 'shop',
  name: 'web',
};
const MESSAGE = 'Placement shop/train asks for every cluster that fits';
/** What to mend is in the message alone, or nothing is to be mended. */
const NOTHING_TO_PASTE = [
  'NotReadyCluster',
  'Frozen',
  'TooFewClusters',
  'UnsupportedPolicy',
  'LazyPolicy',
  'FieldConflict',
  'RevertedByOther',
  'UnknownKey',
  'BadValue',
  'NoEffect',
  'Contradiction',
  'UnresolvedLocation',
];

describe('remedies', () => {
  it('there are reasons to look at', () => {
    expect(reasons.length).toBeGreaterThan(25);
  });

  it.each(NOTHING_TO_PASTE)('%s has words only', (reason) => {
    expect(remedyLines(reason, MESSAGE, about)).toEqual([expect.stringMatching(/^ {2}Remedy: /)]);
  });

  it.each(reasons.filter((reason) => !NOTHING_TO_PASTE.includes(reason)))(
    '%s has an object to paste, in the right place',
    (reason) => {
      const [first = '', ...lines] = remedyLines(reason, MESSAGE, about);
      expect(first).toMatch(/^ {2}Remedy, /);
      const { kind, metadata } = object.parse(parse(lines.join('\n')));
      expect(metadata.namespace).toBe(kind === 'Cluster' ? undefined : 'shop');
      const known = [...Object.keys(optInKeys), 'location'].map((key) => `windvane.dev/${key}`);
      for (const key of Object.keys(metadata.annotations)) expect(known).toContain(key);
    },
  );

  const ofKarmadaAlone = ['ClaimedJob', 'MemberAutoscaler'];
  it.each(reasons.filter((reason) => !ofKarmadaAlone.includes(reason)))(
    '%s brings no object of Karmada on a hub of Open Cluster Management',
    (reason) => {
      const text = remedyLines(reason, MESSAGE, onOcm).join('\n');
      expect(text).not.toMatch(/karmada|apps\/v1|weightPreference/i);
    },
  );

  it('names the Placement of the message, and the way out of a surge that is put back', () => {
    expect(remedyLines('NoClusterCount', MESSAGE, onOcm)).toContain('      name: train');
    const putBack = 'annotate it with windvane.dev/surge-clusters: "0" to move without it';
    const surge = remedyLines('FieldConflict', putBack, onOcm).join('\n');
    expect(surge).toContain('apiVersion: work.open-cluster-management.io/v1alpha1');
    expect(surge).toContain('windvane.dev/surge-clusters: "0"');
  });

  it('says nothing of a reason that a newer controller may know', () => {
    expect(remedyLines('Tomorrow', '', about)).toEqual([]);
    expect(remedyLines('constructor', '', about)).toEqual([]);
  });
});
