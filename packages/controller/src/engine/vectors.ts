const templates = new Map<number, readonly number[]>();

/** A vector of so many zeros. A copy of one that has held fractions is the fastest that the runtime can make. */
export function zeros(length: number): number[] {
  let template = templates.get(length);
  if (template === undefined) {
    template = Array.from({ length }, () => 0.5).fill(0);
    templates.set(length, template);
  }
  return template.slice();
}

export function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
