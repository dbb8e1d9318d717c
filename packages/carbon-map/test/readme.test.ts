import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** Runs code as a stranger would: in a folder of its own, with the package under its name. */
async function run(code: string): Promise<{ lines: readonly string[]; errors: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules/@windvane'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/@windvane/carbon-map'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'use.ts'), code);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'use.ts'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { lines: stdout.trimEnd().split('\n'), errors: stderr };
}

describe('the README', () => {
  it('shows a use in ten lines that works as it stands', async () => {
    const [use = ''] = examples;
    expect(use.trim().split('\n').length).toBeLessThanOrEqual(10);
    expect(use).toContain('createRefresher');
    const { lines, errors } = await run(use);
    expect(errors).toBe('');
    expect(lines.map((line) => line.replace(/[\d.]+/, 'N'))).toEqual([
      expect.stringMatching(/N baseline$/),
      expect.stringMatching(/N baseline$/),
      expect.stringMatching(/N baseline$/),
    ]);
    expect(lines.join()).toContain('Germany');
  });
});
