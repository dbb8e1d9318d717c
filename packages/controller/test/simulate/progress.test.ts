import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createProgress } from '../../src/simulate/progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), written };
}

it('draws the bar once per percent and takes it away', () => {
  const { stream, written } = terminal(true);
  const progress = createProgress(stream);
  for (let hour = 1; hour <= 1000; hour++) progress.advance(hour, 1000);
  progress.end();
  expect(written).toHaveLength(102);
  expect(written[50]).toContain(` 50 %`);
  expect(written[50]).toContain('█'.repeat(15) + '░'.repeat(15));
  expect(written.at(-1)).toBe('\r\u001B[K');
});

it('writes nothing to a file or pipe', () => {
  const { stream, written } = terminal(false);
  const progress = createProgress(stream);
  progress.advance(1, 2);
  progress.end();
  expect(written).toEqual([]);
});

it('takes nothing away that was not drawn', () => {
  const { stream, written } = terminal(true);
  createProgress(stream).end();
  expect(written).toEqual([]);
});
