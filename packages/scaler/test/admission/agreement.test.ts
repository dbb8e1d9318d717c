import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rewrite } from '../../src/admission/rewrite.ts';
import { type ScaledSpec, scaledSpec } from '../../src/admission/scaled.ts';
import { type Cluster, manifest, one, startCluster, typeOf } from '../support/cluster.ts';

const ADDRESS = 'windvane-scaler.windvane-system.svc:6000';

const metadata = fc.record(
  {
    targetValue: fc.constantFrom('150', 'abc'),
    location: fc.constantFrom('de', 'us-east-1'),
    'odd/key~1': fc.string({ maxLength: 5 }),
    scalerAddress: fc.constantFrom(ADDRESS, 'other:1'),
    maxReplicas: fc.constantFrom('1', '7', '100'),
    windvaneInjected: fc.constantFrom('maxReplicas', 'other'),
  },
  { requiredKeys: [] },
);
const trigger = fc.record(
  {
    type: fc.constantFrom('carbon-aware', 'external', 'external-push', 'cron'),
    metadata,
    name: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: ['type', 'metadata'] },
);
const spec = fc.record(
  { maxReplicaCount: fc.constantFrom(1, 7, 100), triggers: fc.array(trigger, { maxLength: 4 }) },
  { requiredKeys: ['triggers'] },
);

/** What the webhook makes of a spec. */
function rewritten(before: ScaledSpec): ScaledSpec {
  const after: { triggers: { [key: string]: unknown; metadata: Record<string, string> }[] } = structuredClone(
    {
      ...before,
      triggers: before.triggers.map((each) => ({ ...each, metadata: { ...each.metadata } })),
    },
  );
  for (const { path, value } of rewrite(before, ADDRESS)) {
    const [, , , index, field = '', key] = path.split('/');
    const target = one(after.triggers, Number(index));
    if (key === undefined) target[field] = value;
    else target.metadata[key] = value;
  }
  return scaledSpec({ spec: after })!;
}

describe('policy and webhook', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.namespace('x');
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
  });
  afterAll(() => cluster.stop());

  it('make the same of any object, and nothing of the result', async () => {
    const type = typeOf('ScaledObject');
    await fc.assert(
      fc.asyncProperty(spec, async (written) => {
        const object = { metadata: { name: 'any', namespace: 'x' }, spec: written };
        const made = await cluster.user.create(type, object, { dryRun: true });
        const expected = rewritten(scaledSpec(object)!);
        expect(scaledSpec(made)).toEqual(expected);
        expect(rewrite(expected, ADDRESS)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
