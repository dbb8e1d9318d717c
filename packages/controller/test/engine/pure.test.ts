import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../../src/engine', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

/** What a file loads when it runs; imports of types alone vanish. */
function loaded(file: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^']+)';/gms)].map(
    ([, name = '']) => name,
  );
}

describe('the engine', () => {
  it.each(files)('%s loads nothing from outside', (file) => {
    for (const name of loaded(file)) {
      expect(name, `${file} imports ${name}`).toMatch(/^\.{1,2}\//);
      const target = relative(folder, resolve(folder, dirname(file), name));
      expect(target.startsWith('..'), `${file} imports ${name}`).toBe(false);
    }
  });

  it('is offered to other packages by name', async () => {
    const offered = await import('@windvane/controller/engine');
    const functions = [
      'allowanceAt',
      'bestWindow',
      'createTimeline',
      'decide',
      'decideJob',
      'fairShares',
      'stepVerdicts',
      'zoneTimeline',
    ];
    expect(Object.keys(offered)).toEqual(expect.arrayContaining(functions));
  });
});
