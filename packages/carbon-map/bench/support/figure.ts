/** One measured figure, printed as a JSON line. `target` says what it is held against; null when it is only told. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: string | null;
  /** Whether the target is met; null without one. */
  readonly met: boolean | null;
}

/** Prints a figure and returns it. A comparison with NaN is a target missed. */
export function report(
  name: string,
  value: number,
  unit: string,
  target?: { readonly atMost: number } | { readonly atLeast: number },
): Figure {
  let text: string | null = null;
  let met: boolean | null = null;
  if (target !== undefined && 'atMost' in target) {
    text = `<= ${rounded(target.atMost)}`;
    met = value <= target.atMost;
  } else if (target !== undefined) {
    text = `>= ${rounded(target.atLeast)}`;
    met = value >= target.atLeast;
  }
  const figure: Figure = { name, value: rounded(value), unit, target: text, met };
  console.log(JSON.stringify(figure));
  return figure;
}

/** Fails the program when a target was missed. */
export function conclude(figures: readonly Figure[]): void {
  if (figures.some(({ met }) => met === false)) process.exitCode = 1;
}

function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
