import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
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

it('a command that waits for an answer ends at the first signal', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => {
    silent.close();
    silent.closeAllConnections();
  });
  const address = silent.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const map = startProgram('packages/controller/src/cli/main.ts', [
    'map',
    '--url',
    `http://127.0.0.1:${port}`,
  ]);
  onTestFinished(() => map.end('SIGKILL'));
  await once(silent, 'request');
  await map.end('SIGTERM');
  expect([await map.exit(), map.text()]).toEqual([130, '']);
}, 60_000);
