import type { Environment } from '@marcbachmann/cel-js';

/** A semantic version (semver.org); build metadata does not count. */
class Semver {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: readonly string[];

  constructor(major: bigint, minor: bigint, patch: bigint, pre: readonly string[]) {
    this.major = major;
    this.minor = minor;
    this.patch = patch;
    this.pre = pre;
  }
}

const FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Without a leading v and leading zeros, with the numbers that are missing. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

function parse(text: string, normalize: boolean): Semver | undefined {
  const match = FORM.exec(normalize ? normalized(text) : text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre] = match;
  return new Semver(BigInt(major), BigInt(minor), BigInt(patch), pre === undefined ? [] : pre.split('.'));
}

function read(text: string, normalize = false): Semver {
  const version = parse(text, normalize);
  if (version === undefined) throw new Error(`invalid semver: ${text}`);
  return version;
}

/** One part of a pre-release: numbers by value and before words, words by their characters. */
function comparePart(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Math.sign(Number(a) - Number(b));
  if (left !== right) return left ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  // A release comes after all of its pre-releases.
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const order = comparePart(a[index] ?? '', b[index] ?? '');
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compare(a: Semver, b: Semver): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  }
  return comparePre(a.pre, b.pre);
}

/** Kubernetes' CEL library of semantic versions. */
export function registerSemver(environment: Environment): void {
  environment
    .registerType('Semver', Semver)
    .registerFunction('semver(string): Semver', (text: string) => read(text))
    .registerFunction('semver(string, bool): Semver', read)
    .registerFunction('isSemver(string): bool', (text: string) => parse(text, false) !== undefined)
    .registerFunction(
      'isSemver(string, bool): bool',
      (text: string, normalize: boolean) => parse(text, normalize) !== undefined,
    )
    .registerFunction('Semver.major(): int', ({ major }: Semver) => major)
    .registerFunction('Semver.minor(): int', ({ minor }: Semver) => minor)
    .registerFunction('Semver.patch(): int', ({ patch }: Semver) => patch)
    .registerFunction('Semver.compareTo(Semver): int', (a: Semver, b: Semver) => BigInt(compare(a, b)))
    .registerFunction('Semver.isLessThan(Semver): bool', (a: Semver, b: Semver) => compare(a, b) < 0)
    .registerFunction('Semver.isGreaterThan(Semver): bool', (a: Semver, b: Semver) => compare(a, b) > 0);
}
