import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '../../runtime/quantity.ts';

/** An amount in its base unit: cores, bytes. Kept as a double: exact up to 2^53. */
class Quantity {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

function read(text: string): Quantity {
  const value = parseQuantity(text);
  if (value === undefined) throw new Error(`quantities must match the regular expression: ${text}`);
  return new Quantity(value);
}

const compare = (a: Quantity, b: Quantity): number => Math.sign(a.value - b.value);

/** Kubernetes' CEL library of quantities. */
export function registerQuantity(environment: Environment): void {
  environment
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', read)
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
    .registerFunction('Quantity.sign(): int', ({ value }: Quantity) => BigInt(Math.sign(value)))
    .registerFunction('Quantity.isInteger(): bool', ({ value }: Quantity) => Number.isSafeInteger(value))
    .registerFunction('Quantity.asInteger(): int', ({ value }: Quantity) => BigInt(value))
    .registerFunction('Quantity.asApproximateFloat(): double', ({ value }: Quantity) => value)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) =>
      BigInt(compare(a, b)),
    )
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => compare(a, b) < 0)
    .registerFunction(
      'Quantity.isGreaterThan(Quantity): bool',
      (a: Quantity, b: Quantity) => compare(a, b) > 0,
    )
    .registerFunction(
      'Quantity.add(Quantity): Quantity',
      (a: Quantity, b: Quantity) => new Quantity(a.value + b.value),
    )
    .registerFunction(
      'Quantity.add(int): Quantity',
      (a: Quantity, b: bigint) => new Quantity(a.value + Number(b)),
    )
    .registerFunction(
      'Quantity.sub(Quantity): Quantity',
      (a: Quantity, b: Quantity) => new Quantity(a.value - b.value),
    )
    .registerFunction(
      'Quantity.sub(int): Quantity',
      (a: Quantity, b: bigint) => new Quantity(a.value - Number(b)),
    );
}
