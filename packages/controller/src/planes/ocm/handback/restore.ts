import type { KubeApi } from '../../../kube/api.ts';
import { keyOf } from '../../../kube/resource.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { writeHold } from '../../shared/hold.ts';
import { CARBON_PLACEMENT } from '../../shared/resources.ts';
import { optInOf } from '../unit.ts';
import { type HandBack, handBack } from './give-back.ts';
import { holdingsOf, isMarked, type PlacementHolding } from './holdings.ts';
import { type HubSnapshot, readHub } from './read-hub.ts';

/** What is to be handed back: everything (in a namespace), or one workload or Placement. */
export type RestoreTarget =
  | { readonly kind: 'all'; readonly namespace: string | null }
  | { readonly kind: 'one'; readonly of: string; readonly namespace: string; readonly name: string };

export interface Restored {
  /** For people: `Placement apps/train`. */
  readonly policy: string;
  /** For people: `ManifestWorkReplicaSet apps/train`. */
  readonly workloads: readonly string[];
  readonly outcome: HandBack;
}

function fits({ placement, unit }: PlacementHolding, target: RestoreTarget): boolean {
  const { namespace, name } = placement.metadata;
  if (target.kind === 'all') return target.namespace === null || namespace === target.namespace;
  if (namespace !== target.namespace) return false;
  const same = (kind: string): boolean => kind.toLowerCase() === target.of.toLowerCase();
  if (same('Placement')) return name === target.name;
  return (unit?.members ?? []).some((member) => same(member.type.kind) && member.name === target.name);
}

/** The Placements that a target names, as they stand on this hub; none on a server that is no hub. */
export async function chosenPlacements(
  api: KubeApi,
  target: RestoreTarget,
): Promise<readonly PlacementHolding[]> {
  const hub = await readHub(api);
  return hub === null ? [] : holdingsOf(hub).filter((holding) => fits(holding, target));
}

/** What handing one Placement back would write, in words. */
export function planOf({ placement, label, unit, found, scored }: PlacementHolding): string[] {
  const value =
    found === null
      ? 'leave the prioritizerPolicy as it is (what was found is not known)'
      : found.present
        ? `write back the prioritizerPolicy as found: ${JSON.stringify(found.value)}`
        : 'remove the prioritizerPolicy, as none was found';
  return [
    ...(unit?.members ?? []).map((member) => `hold ${member.label}: observe only`),
    `${value}, on ${label}`,
    `take Windvane's marks off ${label}`,
    ...(scored.length === 0 ? [] : [`remove the scores of ${keyOf(placement)} in ${scored.length} clusters`]),
  ];
}

async function hold(api: KubeApi, { unit }: PlacementHolding, at: string): Promise<void> {
  if (unit === null) return;
  const annotationsHash = optInOf(unit, {}).hash;
  for (const member of unit.members) {
    await writeHold(api, member, { reason: 'Restored', annotationsHash, at });
  }
}

/**
 * Hands the chosen Placements back, one after the other: first the hold in the statuses, so that a controller which is
 * alive only observes from there on. Can be run again after anything. Throws {@link KubeError}.
 * @param holding whether the workloads are put to observe; without the CarbonPlacement CRD there is nothing to hold.
 */
export async function restorePlacements(
  api: KubeApi,
  target: RestoreTarget,
  pace: HandBackPace,
  holding = true,
): Promise<readonly Restored[]> {
  const hub: HubSnapshot | null = await readHub(api);
  if (hub === null) return [];
  const chosen = holdingsOf(hub).filter((each) => fits(each, target));
  if (holding && hub.serves(CARBON_PLACEMENT)) {
    for (const each of chosen) await hold(api, each, new Date(pace.now()).toISOString());
  }
  const done: Restored[] = [];
  for (const each of chosen) {
    const outcome = isMarked(each) ? await handBack(api, each, pace) : 'left';
    pace.tell(`${each.label}: ${wordsFor(outcome)}`);
    const workloads = (each.unit?.members ?? []).map(({ label }) => label);
    done.push({ policy: each.label, workloads, outcome });
  }
  return done;
}

function wordsFor(outcome: HandBack): string {
  if (outcome === 'restored') return 'its prioritizerPolicy is as it was found';
  if (outcome === 'left')
    return 'its prioritizerPolicy is not (or no longer) that of Windvane and was left alone';
  return 'not done in time; what decides it stays where it is: run this again, or with --force to wait for nothing';
}
