import type { Environment } from '@marcbachmann/cel-js';

type Comparable = bigint | number | string | boolean;

function extreme(list: readonly Comparable[], better: (a: Comparable, b: Comparable) => boolean): Comparable {
  const [first] = list;
  if (first === undefined) throw new Error('min or max called on empty list');
  return list.reduce((best, item) => (better(item, best) ? item : best), first);
}

function sum(list: readonly (bigint | number)[]): bigint | number {
  return list.every((item) => typeof item === 'bigint')
    ? list.reduce((total, item) => total + item, 0n)
    : list.reduce<number>((total, item) => total + Number(item), 0);
}

/** JavaScript's regular expressions instead of RE2's, which differ at the edges only. */
function findAll(text: string, pattern: string): string[] {
  return [...text.matchAll(new RegExp(pattern, 'g'))].map(([found]) => found);
}

/** Kubernetes' CEL libraries of lists and regular expressions, and what is missing of CEL's extended strings. */
export function registerCollections(environment: Environment): void {
  environment
    .registerFunction('list<dyn>.isSorted(): bool', (list: readonly Comparable[]) =>
      list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item),
    )
    .registerFunction('list<dyn>.sum(): dyn', sum)
    .registerFunction('list<dyn>.min(): dyn', (list: readonly Comparable[]) => extreme(list, (a, b) => a < b))
    .registerFunction('list<dyn>.max(): dyn', (list: readonly Comparable[]) => extreme(list, (a, b) => a > b))
    .registerFunction('list<dyn>.indexOf(dyn): int', (list: readonly unknown[], item: unknown) =>
      BigInt(list.indexOf(item)),
    )
    .registerFunction('list<dyn>.lastIndexOf(dyn): int', (list: readonly unknown[], item: unknown) =>
      BigInt(list.lastIndexOf(item)),
    )
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => new RegExp(pattern).exec(text)?.[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', findAll)
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, limit: bigint) => findAll(text, pattern).slice(0, Number(limit)),
    )
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) =>
      text.charAt(Number(index)),
    )
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    );
}
