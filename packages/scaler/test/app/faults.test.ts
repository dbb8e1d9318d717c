import { describe, expect, it } from 'vitest';
import { ROWS, runRow } from '../../faults/support/rows.ts';

/** The rows of `npm run faults -- scaler`, with their documented answers. */
describe('a scaler under faults of its sources', () => {
  it.each(ROWS.map((row) => [row.name, row] as const))('answers as documented: %s', async (_, row) => {
    const { errors, wrong, polls } = await runRow(row);
    expect({ errors, wrong }).toEqual({ errors: 0, wrong: 0 });
    expect(polls).toBeGreaterThan(10);
  });
});
