import { describe, expect, it } from 'vitest';
import { columns } from '../../src/cli/columns.ts';
import { createOutput, reportError } from '../../src/cli/output.ts';
import { UserError } from '../../src/config/user-error.ts';
import { collector } from './surroundings.ts';

function outputs(json: boolean) {
  const [stdout, stderr] = [collector(), collector()];
  return { output: createOutput({ stdout: stdout.stream, stderr: stderr.stream, json }), stdout, stderr };
}

describe('output', () => {
  it('writes lines for people to stdout', () => {
    const { output, stdout, stderr } = outputs(false);
    output.line('hello');
    expect([stdout.text(), stderr.text()]).toEqual(['hello\n', '']);
  });

  it('keeps stdout for one JSON line when that was asked for', () => {
    const { output, stdout, stderr } = outputs(true);
    output.line('hello');
    output.json({ a: [1] });
    expect([stdout.text(), stderr.text()]).toEqual(['{"a":[1]}\n', 'hello\n']);
  });

  it('takes a size where the stream has none', () => {
    const { output } = outputs(false);
    expect(output.interactive).toBe(false);
    expect(output.size()).toEqual({ columns: 80, rows: 24 });
  });

  it("tells a user's mistake line by line, and a fault with its stack", () => {
    const { output, stderr } = outputs(false);
    expect(reportError(new UserError(['a: wrong', 'b: wrong']), output)).toBe(2);
    expect(stderr.text()).toBe('windvane: a: wrong\nwindvane: b: wrong\n');
    expect(reportError(new Error('broken'), output)).toBe(1);
    expect(stderr.text()).toContain('windvane: Error: broken\n    at ');
  });
});

describe('columns', () => {
  it('are as wide as their widest cell, the last one free', () => {
    expect(
      columns(
        ['A', 'LONG', 'X'],
        [
          ['value', 'b', 'the rest'],
          ['', 'c', ''],
        ],
      ),
    ).toEqual(['A      LONG  X', 'value  b     the rest', '       c']);
  });
});
