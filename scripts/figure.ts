/** What a measured figure is held against. */
export type Bound = { readonly atMost: number } | { readonly atLeast: number };

/**
 * Prints a measured figure as a JSON line: `name`, `value`, `unit`, `target` (null when it is only told) and whether it
 * is `met`. A target that is missed makes the program fail at its end; a comparison with NaN is one.
 */
export function report(name: string, value: number, unit: string, bound?: Bound): void {
  let target: string | null = null;
  let met: boolean | null = null;
  if (bound !== undefined && 'atMost' in bound) {
    target = `<= ${rounded(bound.atMost)}`;
    met = value <= bound.atMost;
  } else if (bound !== undefined) {
    target = `>= ${rounded(bound.atLeast)}`;
    met = value >= bound.atLeast;
  }
  if (met === false) process.exitCode = 1;
  console.log(JSON.stringify({ name, value: rounded(value), unit, target, met }));
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
