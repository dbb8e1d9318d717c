import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kubectl, kubectlFor } from '../../../../sandbox/test/api/kubectl.ts';
import { restore } from '../../../src/planes/karmada/handback/restore.ts';
import { ownsWeights } from '../../../src/planes/karmada/policy.ts';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { PARIS_CLEAN, paceIn, policyOf, tracesOn, VIRGINIA_CLEAN } from './handback/support.ts';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import type { RecordedWrite } from './support/recording.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const WEIGHTS = { frankfurt: 3, paris: 1, virginia: 2 };

/** How a manifest comes to the hub, in flags of kubectl. */
const HOW = {
  'client-side apply': [],
  'server-side apply': ['--server-side'],
  'forced, like Argo CD': ['--server-side', '--force-conflicts', '--field-manager=argocd-controller'],
} as const;

interface Form {
  readonly name: string;
  readonly how: keyof typeof HOW;
  readonly weights: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}
const forms: readonly Form[] = [
  { name: 'weights, client-side', how: 'client-side apply', weights: true },
  { name: 'weights, server-side', how: 'server-side apply', weights: true },
  { name: 'weights, forced', how: 'forced, like Argo CD', weights: true },
  { name: 'no weights, client-side', how: 'client-side apply', weights: false },
  { name: 'no weights, server-side', how: 'server-side apply', weights: false },
  { name: 'no weights, forced', how: 'forced, like Argo CD', weights: false },
  {
    name: 'weights, adopt: never',
    how: 'client-side apply',
    weights: true,
    annotations: { 'windvane.dev/adopt': 'never' },
  },
];

const events = [
  'nothing',
  'the same manifest is applied again',
  'a person patches at rest',
  'a person patches while newcomers start',
  'a person patches in mid-step',
  'a manager reverts within a second',
] as const;
type Happening = (typeof events)[number];

/** What comes of it: weights kept, given up, or never taken. */
type Outcome = 'follows' | 'yields' | 'leaves alone';

function outcomeOf({ name, weights, how }: Form, event: Happening): Outcome {
  if (name === 'weights, adopt: never') return 'leaves alone';
  if (event === 'nothing') return 'follows';
  if (event !== 'the same manifest is applied again') return 'yields';
  // A server-side apply that does not force is refused, and nothing is changed.
  return weights && how !== 'server-side apply' ? 'yields' : 'follows';
}

const table = forms.flatMap((form) =>
  events.map((event) => ({ form, event, outcome: outcomeOf(form, event), name: `${form.name}; ${event}` })),
);

const onPolicy = ({ kind, dryRun }: RecordedWrite): boolean => kind === 'PropagationPolicy' && !dryRun;

for (const server of testServers('Karmada plane, ownership matrix')) {
  describe(`who owns the weights, case by case, on ${server.name}`, () => {
    let world: World;
    let folder: string;
    let kubectl: Kubectl;
    beforeAll(async () => {
      world = await startWorld(server);
      folder = await mkdtemp(join(tmpdir(), 'ownership-'));
      kubectl = await kubectlFor(world.kubeconfig(), folder);
    }, 60_000);
    afterAll(async () => {
      await world?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(3 * MINUTE);
    };
    const manifestOf = ({ weights }: Form, ns: string) =>
      policy(ns, 'web', weights ? { weights: WEIGHTS } : {});
    const apply = (form: Form, ns: string) =>
      kubectl.run(['apply', ...HOW[form.how], '-f', '-'], JSON.stringify(manifestOf(form, ns)));
    const patch = (ns: string) => {
      const theirs = [{ targetCluster: { clusterNames: ['virginia'] }, weight: 7 }];
      const spec = { placement: { replicaScheduling: { weightPreference: { staticWeightList: theirs } } } };
      const args = ['patch', 'propagationpolicy', 'web', '-n', ns, '--type=merge', '-p'];
      return kubectl.run([...args, JSON.stringify({ spec })]);
    };

    /** Takes the weights back as soon as they are Windvane's, over and over. */
    function revert(form: Form, ns: string): { readonly stop: () => void; readonly times: () => number } {
      const rival = world.writer('argocd-controller');
      const abort = new AbortController();
      const manifest = manifestOf({ ...form, weights: true }, ns);
      let times = 0;
      const follow = async (): Promise<void> => {
        const { resourceVersion } = await rival.list(PROPAGATION_POLICY, { namespace: ns });
        const watch = { namespace: ns, resourceVersion, timeoutSeconds: 600, signal: abort.signal };
        for await (const event of rival.watch(PROPAGATION_POLICY, watch)) {
          if (event.type === 'BOOKMARK' || !ownsWeights(event.object)) continue;
          await rival.apply(PROPAGATION_POLICY, manifest, { force: true });
          times += 1;
        }
      };
      void follow().catch(() => undefined);
      return { stop: () => abort.abort(), times: () => times };
    }

    /** Lets it come to pass: exit codes of kubectl, and how often a rival took the weights back. */
    async function happen(form: Form, event: Happening, ns: string): Promise<number> {
      const workload = deployment(ns, 'web', {
        replicas: 12,
        annotations: { ...FOLLOW, ...form.annotations },
      });
      if (event === 'a manager reverts within a second') {
        const rival = revert(form, ns);
        await world.create(workload);
        await settled();
        await settled();
        rival.stop();
        return rival.times();
      }
      if (event === 'a person patches while newcomers start' || event === 'a person patches in mid-step') {
        world.karmada.setPodStartup(() => MINUTE);
        await world.create(workload);
        await world.settle();
        if (event === 'a person patches in mid-step') {
          // The weights are written, and Karmada does not divide by them yet.
          world.karmada.stopScheduler();
          await world.advance(2 * MINUTE);
        }
        const { code } = await patch(ns);
        world.karmada.startScheduler();
        await world.settle();
        world.karmada.setPodStartup(() => 0);
        return code;
      }
      await world.create(workload);
      await settled();
      if (event === 'nothing') return 0;
      return (event === 'a person patches at rest' ? await patch(ns) : await apply(form, ns)).code;
    }

    /** What Windvane writes on policies when the wind turns. */
    async function writesLater(): Promise<readonly RecordedWrite[]> {
      world.recording.clear();
      await world.advance(HOUR, 20 * MINUTE);
      await world.wind(VIRGINIA_CLEAN);
      return world.recording.stored().filter(onPolicy);
    }

    it.each(table)(
      '$name: Windvane $outcome',
      async ({ form, event, outcome }) => {
        await world.wind(PARIS_CLEAN);
        const ns = await world.namespace();
        world.recording.clear();
        expect(await apply(form, ns)).toMatchObject({ code: 0 });
        await world.settle();
        const found = (await policyOf(world, ns))['spec'];
        expect(await happen(form, event, ns)).toBe(codeOf(form, event, outcome));
        await settled();
        const forces = world.recording.stored().filter((write) => onPolicy(write) && write.force).length;
        const written = outcome !== 'leaves alone' && event !== 'a person patches while newcomers start';
        expect(forces).toBe(form.weights && written ? 1 : 0);
        expect(world.view(ns, 'web')).toMatchObject(saidOf(event, outcome));
        const pins = await world.user.list(OVERRIDE_POLICY, { namespace: ns });
        expect(pins.items).toEqual([]);

        // What is not Windvane's stays untouched, whatever the wind does.
        const standing = (await policyOf(world, ns))['spec'];
        expect(outcome === 'follows' ? [] : await writesLater()).toEqual([]);

        const target = { kind: 'one', of: 'Deployment', namespace: ns, name: 'web' } as const;
        const [done] = await restore(world.person(), target, paceIn(world));
        await settled();
        const after = await policyOf(world, ns);
        // Who put back the very weights that were found leaves nothing to give back.
        const asFound = outcome === 'follows' || (outcome === 'yields' && isDeepStrictEqual(standing, found));
        expect(done?.outcome).toBe(asFound ? 'restored' : 'left');
        expect(after['spec']).toEqual(outcome === 'follows' ? found : standing);
        expect(tracesOn(after)).toEqual([]);
        // The field is free again for whoever writes manifests.
        expect(outcome === 'follows' ? await apply(form, ns) : { code: 0 }).toMatchObject({ code: 0 });
        await world.user.delete(PROPAGATION_POLICY, { namespace: ns, name: 'web' });
      },
      60_000,
    );
  });
}

/** What kubectl ends with, or how often a rival takes the weights back. */
function codeOf({ weights, how }: Form, event: Happening, outcome: Outcome): number {
  if (event === 'a manager reverts within a second') return outcome === 'yields' ? 1 : 0;
  const refused = weights && how === 'server-side apply' && outcome === 'follows';
  return refused && event === 'the same manifest is applied again' ? 1 : 0;
}

/** What the status says then. */
function saidOf(event: Happening, outcome: Outcome): Readonly<Record<string, unknown>> {
  if (outcome === 'follows') {
    const summary = { split: 'frankfurt 1, paris 10, virginia 1' };
    return { state: 'Steady', mode: 'act', hold: null, summary };
  }
  const owner = String.raw`(somebody|kubectl|argocd-controller)\S*`;
  const says = (what: string) => ({
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'Ready',
        message: expect.stringMatching(`${owner} ${what} the weights`),
      }),
    ]),
  });
  if (outcome === 'leaves alone') return { state: 'Blocked', reason: 'FieldConflict', ...says('owns') };
  const broken =
    event === 'a person patches while newcomers start' ||
    event === 'a person patches in mid-step' ||
    event === 'a manager reverts within a second';
  return {
    state: 'Blocked',
    reason: 'RevertedByOther',
    mode: 'observe',
    hold: { reason: 'RevertedByOther' },
    moves: [{ result: broken ? 'ended' : 'completed' }],
    ...says('took back'),
  };
}
