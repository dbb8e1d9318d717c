import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { karmadaDefinitions, startSandbox } from '@windvane/sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { startProgram } from './processes.ts';

it('a command that waits for its turn at the API server does not end before its answer', async () => {
  const hub = await startSandbox({ crds: karmadaDefinitions });
  onTestFinished(() => hub.stop());
  const folder = mkdtempSync(join(tmpdir(), 'windvane-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, hub.kubeconfig());
  const config = join(folder, 'windvane.yaml');
  writeFileSync(config, `karmada: { kubeconfig: ${kubeconfig} }\n`);

  // It asks for more rights, one by one, than the client sends at once.
  const doctor = startProgram('packages/controller/src/cli/main.ts', [
    'doctor',
    '--config',
    config,
    '--json',
  ]);
  onTestFinished(() => doctor.end('SIGKILL'));
  expect(await doctor.exit()).toBe(0);
  expect(JSON.parse(doctor.text().trim().split('\n').at(-1) ?? '')).toMatchObject({ problems: [] });
}, 60_000);
