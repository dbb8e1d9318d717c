import { describe, expect, it } from 'vitest';
import type { PlacementSpec } from '../../src/ocm/types.ts';
import { servers } from '../runtime/support/servers.ts';
import { type RandomRun, randomRuns } from './support/random-runs.ts';

/** What holds of a decision whatever the scores are. */
function violations({ before, outcome }: RandomRun): readonly string[] {
  const { selected, misconfigured } = outcome;
  const spec: PlacementSpec = before.placement.spec;
  const found: string[] = [];
  const say = (broken: boolean, text: string): void => {
    if (broken) found.push(text);
  };
  say(misconfigured && selected.length > 0, 'misconfigured, yet not empty');
  say(selected.length > (spec.numberOfClusters ?? Number.POSITIVE_INFINITY), 'more than asked for');
  say(new Set(selected).size !== selected.length, 'a cluster twice');
  for (const name of selected) {
    const cluster = before.clusters.find(({ metadata }) => metadata.name === name);
    const labels = cluster?.metadata.labels ?? {};
    const sets = [
      ...(labels['cluster.open-cluster-management.io/clusterset'] === 'exclusive' ? ['exclusive'] : []),
      ...(labels['tier'] === 'gold' ? ['selected'] : []),
    ];
    const asked = spec.clusterSets ?? [];
    say(
      !sets.some((set) => asked.length === 0 || asked.includes(set)),
      `${name} is in no set that was asked for`,
    );
    const hard = (cluster?.spec.taints ?? []).filter(
      ({ effect }: { effect: string }) => effect === 'NoSelect',
    );
    say((spec.tolerations ?? []).length === 0 && hard.length > 0, `${name} is tainted`);
  }
  return found;
}

describe.each(servers)('random Placements on $name', (server) => {
  it('are decided within what their sets, taints and numbers allow, now and then to nothing', async () => {
    const wrong: string[] = [];
    let [decided, misconfigured, empty] = [0, 0, 0];
    for await (const run of randomRuns(server, { seed: 20_260_301, runs: 40 })) {
      for (const violation of violations(run)) wrong.push(`${run.index}: ${violation}`);
      if (run.outcome.misconfigured) misconfigured += 1;
      else if (run.outcome.selected.length === 0) empty += 1;
      else decided += 1;
    }
    expect(wrong).toEqual([]);
    expect(decided + misconfigured + empty).toBe(60);
    // They are of all kinds, or this says little.
    expect(decided).toBeGreaterThan(20);
    expect(misconfigured).toBeGreaterThan(3);
    expect(empty).toBeGreaterThan(3);
  }, 60_000);
});
