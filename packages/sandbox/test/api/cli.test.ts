import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSandbox } from '../../src/cli.ts';
import { startSandbox } from '../../src/index.ts';
import { WIDGETS } from './behaviour/fixtures.ts';

describe('the sandbox command', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Runs the command until it says how to use it, looks, and ends it. */
  async function run(
    args: readonly string[],
    look: (url: string, config: string) => Promise<void>,
  ): Promise<string[]> {
    const lines: string[] = [];
    const config = join(folder, 'kubeconfig');
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let ready: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const output = {
      info: (line: string): void => {
        lines.push(line);
        if (line.startsWith('Ctrl-C')) ready();
      },
      error: (line: string): void => {
        lines.push(`error: ${line}`);
        ready();
      },
    };
    const code = runSandbox([...args, '--kubeconfig', config], output, ended);
    await started;
    const url =
      lines.map((line) => /on (http:\S+)/.exec(line)?.[1]).find((found) => found !== undefined) ?? '';
    await look(url, await readFile(config, 'utf8').catch(() => ''));
    end();
    lines.push(`exit ${await code}`);
    return lines;
  }

  it('serves the kinds of Karmada, OCM and Windvane, and folders of definitions', async () => {
    await writeFile(join(folder, 'widgets.yaml'), WIDGETS);
    const lines = await run(['--port', '0', '--crds', folder], async (url, config) => {
      expect(config).toContain(url);
      for (const path of [
        '/apis/policy.karmada.io/v1alpha1/propagationpolicies',
        '/apis/cluster.open-cluster-management.io/v1beta1/placements',
        '/apis/windvane.dev/v1alpha1/carbonplacements',
        '/apis/suite.example.com/v1/widgets',
      ]) {
        expect((await fetch(`${url}${path}`)).status).toBe(200);
      }
    });
    expect(lines.at(-1)).toBe('exit 0');
    expect(lines.join('\n')).toContain('export KUBECONFIG=');
    expect(await readFile(join(folder, 'kubeconfig'), 'utf8').catch(() => 'gone')).toBe('gone');
  });

  it('runs the Karmada stand-ins with the members that it is told', async () => {
    const lines = await run(
      ['--port', '0', '--karmada', '--members', 'one=aws/eu-west-3,two=gcp/us-east1'],
      async (url) => {
        const answer = await fetch(`${url}/apis/cluster.karmada.io/v1alpha1/clusters`);
        const { items }: { items: { metadata: { name: string }; spec: { region: string } }[] } = JSON.parse(
          await answer.text(),
        );
        expect(items.map(({ metadata, spec }) => [metadata.name, spec.region])).toEqual([
          ['one', 'eu-west-3'],
          ['two', 'us-east1'],
        ]);
      },
    );
    expect(lines).toContain('Karmada stand-ins with members one, two');
    expect(lines.at(-1)).toBe('exit 0');
  });

  it('runs the OCM stand-ins with the clusters that it is told', async () => {
    const lines = await run(['--port', '0', '--ocm', '--members', 'one=aws/eu-west-3'], async (url) => {
      const answer = await fetch(`${url}/apis/cluster.open-cluster-management.io/v1/managedclusters/one`);
      const { metadata }: { metadata: { annotations: object } } = JSON.parse(await answer.text());
      expect(metadata.annotations).toEqual({ 'windvane.dev/location': 'aws/eu-west-3' });
    });
    expect(lines).toContain('OCM stand-ins with managed clusters one');
    expect(lines).toContain('         kubectl get placements,placementdecisions,cpl -A');
    expect(lines.at(-1)).toBe('exit 0');
  });

  it.each([
    [['--port', 'x'], /--port must be a number from 0 to 65535, got "x"/],
    [['--prot', '1'], /Unknown option '--prot'/],
    [['--crds', '/no/such/folder'], /--crds: cannot read \/no\/such\/folder/],
    [['--members', 'paris'], /--members: "paris" is not NAME=PROVIDER\/REGION/],
  ])('answers %j with one clear line', async (args, complaint) => {
    const lines = await run(args, () => Promise.resolve());
    expect(lines).toEqual([expect.stringMatching(complaint), 'exit 1']);
  });

  it('names the port that is taken', async () => {
    const other = await startSandbox();
    const { port } = new URL(other.url);
    const lines = await run(['--port', port], () => Promise.resolve());
    await other.stop();
    expect(lines[0]).toContain(`port ${port} is taken`);
  });

  it('explains itself', async () => {
    const lines: string[] = [];
    const output = { info: (line: string) => void lines.push(line), error: () => undefined };
    expect(await runSandbox(['--help'], output, Promise.resolve())).toBe(0);
    expect(lines[0]).toContain('--karmada');
  });
});
