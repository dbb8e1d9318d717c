import type { ProviderErrorKind, ProviderProblem } from '@windvane/carbon-map';

const REMEDY: Readonly<Record<ProviderErrorKind, string>> = {
  unauthorized: 'check the file or variable that its key comes from',
  forbidden: 'list the zones that the key may read, or ask the source for more',
  'unknown-zone': 'leave the zone out of its chain, or map it in its options',
  'rate-limited': 'give it a "rate" below its limit, or refresh less often',
  unavailable: 'check its address, the network and a proxy in between',
  'bad-payload': 'put another source after it, and tell its operator',
  'no-data': 'put another source after it',
};

/** What the message of a source begins with that was spared because of its configured rate. */
export const NOT_ASKED = 'not asked';
const SPARED = 'zones take turns at it; raise the rate if the source allows more';

/** One line per source and kind of fault, with the zones and the remedy. */
export function sourceProblems(problems: readonly ProviderProblem[]): readonly string[] {
  const groups = Map.groupBy(problems, ({ provider, kind }) => `${provider} ${kind}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const zones = group.map(({ zone }) => zone).join(', ');
    const what = first.message.replace(/^[a-z-]+: /, '');
    const remedy = what.startsWith(NOT_ASKED) ? SPARED : REMEDY[first.kind];
    return [`${first.provider} (${zones}): ${what}; ${remedy}`];
  });
}

/** How the pair rule came out, in words. */
export function pairWords(
  pair: string,
  freshByPair: Readonly<Record<string, number>>,
  zones: readonly { readonly zone: string; readonly data: string }[],
): readonly string[] {
  const count = (name: string): string => {
    const fresh = freshByPair[name] ?? 0;
    return `${fresh} ${fresh === 1 ? 'zone has' : 'zones have'} a fresh reading in it`;
  };
  const others = Object.entries(freshByPair)
    .filter(([name]) => name !== pair)
    .map(([name, fresh]) => `${name}: ${fresh}`);
  const tie = Object.entries(freshByPair).some(
    ([name, fresh]) => name !== pair && fresh === (freshByPair[pair] ?? 0),
  );
  const rest = others.length === 0 ? '' : ` (${others.join(', ')}${tie ? '; the order decides a tie' : ''})`;
  const listed = (data: string): string =>
    zones
      .filter((each) => each.data === data)
      .map(({ zone }) => zone)
      .join(', ');
  const line = (words: string, data: string): string[] =>
    listed(data) === '' ? [] : [`${words}: ${listed(data)}`];
  return [
    `Zones are compared in ${pair}: ${count(pair)}${rest}.`,
    ...line('Live', 'live'),
    ...line('On yearly averages', 'baseline'),
    ...line('Stale', 'stale'),
    ...line('No data in this pair, neither fed nor drained', 'none'),
  ];
}
