import type { PlacementSpec, ScoreCoordinate } from '../../types.ts';
import { MisconfiguredError } from '../misconfigured.ts';
import { addOnPrioritizer } from './addon.ts';
import { balance } from './balance.ts';
import type { Prioritizer } from './prioritizer.ts';
import { resourceAllocatable } from './resource.ts';
import { steady } from './steady.ts';

export interface Weighted {
  readonly prioritizer: Prioritizer;
  readonly weight: number;
}

const BUILT_IN: Readonly<Record<string, Prioritizer>> = {
  Balance: balance,
  Steady: steady,
  ResourceAllocatableCPU: resourceAllocatable('cpu'),
  ResourceAllocatableMemory: resourceAllocatable('memory'),
};

const DEFAULTS = [
  ['Balance', 1],
  ['Steady', 1],
] as const;

function prioritizerFor({ type, builtIn = '', addOn }: ScoreCoordinate): Prioritizer {
  if (type === 'BuiltIn') {
    const found = Object.hasOwn(BUILT_IN, builtIn) ? BUILT_IN[builtIn] : undefined;
    if (found === undefined) throw new MisconfiguredError('', `incorrect builtin prioritizer: ${builtIn}`);
    return found;
  }
  if (addOn === undefined) throw new MisconfiguredError('', 'addOn should not be empty');
  return addOnPrioritizer(addOn);
}

/**
 * The prioritizers of a Placement with their weights. Additive starts from Balance 1 and Steady 1, Exact from
 * nothing; a later entry for one built-in replaces an earlier one, entries for add-ons are added up even when
 * they name one score twice; weight 0 switches off.
 *
 * @throws MisconfiguredError for a mode or a built-in that does not exist (`Spread` is one that is documented).
 */
export function weightsOf(policy: PlacementSpec['prioritizerPolicy']): readonly Weighted[] {
  const { mode = '', configurations = [] } = policy ?? {};
  if (!['', 'Additive', 'Exact'].includes(mode)) {
    throw new MisconfiguredError('', `incorrect prioritizer policy mode: ${mode}`);
  }
  const builtIns = new Map<string, readonly [ScoreCoordinate, number]>();
  const others: (readonly [ScoreCoordinate, number])[] = [];
  if (mode !== 'Exact') {
    for (const [builtIn, weight] of DEFAULTS) builtIns.set(builtIn, [{ type: 'BuiltIn', builtIn }, weight]);
  }
  for (const { scoreCoordinate, weight = 1 } of configurations) {
    if (scoreCoordinate === undefined) throw new MisconfiguredError('', 'scoreCoordinate field is required');
    const { type, builtIn = '', addOn } = scoreCoordinate;
    if (type === 'BuiltIn' && addOn === undefined) builtIns.set(builtIn, [scoreCoordinate, weight]);
    else others.push([scoreCoordinate, weight]);
  }
  return [...builtIns.values(), ...others]
    .filter(([, weight]) => weight !== 0)
    .map(([coordinate, weight]) => ({ prioritizer: prioritizerFor(coordinate), weight }));
}
