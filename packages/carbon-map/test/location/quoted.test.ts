import { describe, expect, it } from 'vitest';
import { quoted } from '../../src/location/quoted.ts';

describe('quoted', () => {
  it.each([
    ['yes', '"yes"'],
    ['', '""'],
    ['a "b" \\', String.raw`"a \"b\" \\"`],
    ['Zürich', '"Zürich"'],
    ['a\nb\u001b[31m', String.raw`"a\nb\u001b[31m"`],
    ['a\u009b31m\u007f\u202eb', String.raw`"a\u009b31m\u007f\u202eb"`],
  ])('%j is shown as one line that does nothing', (written, shown) => {
    expect(quoted(written)).toBe(shown);
  });

  it('shortens what is long', () => {
    expect(quoted('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
    expect(quoted('x'.repeat(40_000))).toBe(`"${'x'.repeat(57)}..."`);
  });
});
