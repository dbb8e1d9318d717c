import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '../../shared/quantity.ts';

/** A semantic version: the three numbers, then what comes before a release. */
class Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly before: readonly string[];

  constructor(numbers: readonly [bigint, bigint, bigint], before: readonly string[]) {
    this.numbers = numbers;
    this.before = before;
  }
}

/** A Kubernetes quantity. */
class Quantity {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

const NUMBER = '(0|[1-9]\\d*)';
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`);

/** `lenient`: a leading v, leading zeros and missing numbers are let pass, as Kubernetes' own function has it. */
function parseVersion(text: string, lenient: boolean): Version | null {
  const match = SEMVER.exec(lenient ? normalized(text) : text);
  if (match === null) return null;
  const [, major = '0', minor = '0', patch = '0', before] = match;
  return new Version([BigInt(major), BigInt(minor), BigInt(patch)], before?.split('.') ?? []);
}

function normalized(text: string): string {
  const [core = '', ...rest] = text.replace(/^v/, '').split(/(?=[-+])/);
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return `${numbers.join('.')}${rest.join('')}`;
}

function order(a: bigint | number | string, b: bigint | number | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Precedence of semantic versions (semver.org, 11): numbers, then a release above what comes before it. */
function compareVersions(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const sign = order(number, b.numbers[index] ?? 0n);
    if (sign !== 0) return sign;
  }
  if (a.before.length === 0 || b.before.length === 0) return order(b.before.length, a.before.length);
  for (let index = 0; index < Math.max(a.before.length, b.before.length); index += 1) {
    const [left, right] = [a.before[index], b.before[index]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const numeric = [left, right].map((part) => /^\d+$/.test(part));
    const sign =
      numeric[0] === true && numeric[1] === true
        ? order(BigInt(left), BigInt(right))
        : numeric[0] === numeric[1]
          ? order(left, right)
          : numeric[0] === true
            ? -1
            : 1;
    if (sign !== 0) return sign;
  }
  return 0;
}

function version(text: string, lenient = false): Version {
  const parsed = parseVersion(text, lenient);
  if (parsed === null) throw new Error(`${text} is no semantic version`);
  return parsed;
}

function quantity(text: string): Quantity {
  const value = parseQuantity(text);
  if (value === null) throw new Error(`${text} is no quantity`);
  return new Quantity(value);
}

/**
 * The functions of Kubernetes' CEL libraries that selectors of clusters are written with: versions and quantities.
 *
 * @see https://kubernetes.io/docs/reference/using-api/cel/
 */
export function withKubernetesLibrary(environment: Environment): Environment {
  const sign = (value: number): bigint => BigInt(Math.sign(value));
  return environment
    .registerType('Semver', Version)
    .registerFunction('semver(string): Semver', (text: string) => version(text))
    .registerFunction('semver(string, bool): Semver', version)
    .registerFunction('isSemver(string): bool', (text: string) => parseVersion(text, false) !== null)
    .registerFunction('isSemver(string, bool): bool', (text: string, lenient: boolean) => {
      return parseVersion(text, lenient) !== null;
    })
    .registerFunction('Semver.major(): int', (each: Version) => each.numbers[0])
    .registerFunction('Semver.minor(): int', (each: Version) => each.numbers[1])
    .registerFunction('Semver.patch(): int', (each: Version) => each.numbers[2])
    .registerFunction('Semver.compareTo(Semver): int', (a: Version, b: Version) =>
      BigInt(compareVersions(a, b)),
    )
    .registerFunction(
      'Semver.isLessThan(Semver): bool',
      (a: Version, b: Version) => compareVersions(a, b) < 0,
    )
    .registerFunction('Semver.isGreaterThan(Semver): bool', (a: Version, b: Version) => {
      return compareVersions(a, b) > 0;
    })
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', quantity)
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== null)
    .registerFunction('Quantity.sign(): int', (each: Quantity) => sign(each.value))
    .registerFunction('Quantity.isInteger(): bool', (each: Quantity) => Number.isSafeInteger(each.value))
    .registerFunction('Quantity.asInteger(): int', (each: Quantity) => BigInt(each.value))
    .registerFunction('Quantity.asApproximateFloat(): double', (each: Quantity) => each.value)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) =>
      sign(a.value - b.value),
    )
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value < b.value)
    .registerFunction(
      'Quantity.isGreaterThan(Quantity): bool',
      (a: Quantity, b: Quantity) => a.value > b.value,
    );
}
