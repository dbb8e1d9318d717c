import { startSandbox } from './api/sandbox.ts';

/** Runs a sandbox until SIGINT or SIGTERM. */
export async function runSandbox(args: readonly string[]): Promise<number> {
  const port = args.indexOf('--port') >= 0 ? Number(args[args.indexOf('--port') + 1]) : 4281;
  const sandbox = await startSandbox({ port });
  process.stdout.write(`${sandbox.url}\n`);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await sandbox.stop();
  return 0;
}
