import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The Node 24 to run on: the one already running, or the binary that came with the dependencies. */
export function nodeBinary() {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED_MAJOR) return process.execPath;
  const bundled = `${root}node_modules/node-${process.platform}-${process.arch}/bin/node`;
  if (existsSync(bundled)) return bundled;
  throw new Error(
    `Node ${NEEDED_MAJOR} is needed and the npm registry has no binary that this project knows for ` +
      `${process.platform}-${process.arch}; install Node ${NEEDED_MAJOR} and run the command again`,
  );
}
