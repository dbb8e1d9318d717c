// Entry of every `npm run` task. It needs nothing but the Node that npm itself runs on (20 or later): it installs
// what is missing, then hands over to Node 24.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { check } from './check.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { nodeBinary } from './setup/node.mjs';
import { test } from './test.mjs';

const [task, ...args] = process.argv.slice(2);

const programs = {
  demo: ['packages/controller/src/cli/main.ts', 'demo'],
  windvane: ['packages/controller/src/cli/main.ts'],
  sandbox: ['packages/sandbox/src/main.ts'],
  scaler: ['packages/scaler/src/cli/main.ts'],
};

/** Suites against live control planes. */
const endToEnd = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'packages/controller/vitest.e2e.config.ts',
];

/** Folders of programs, one per name: `npm run bench -- map` runs `packages/<any>/bench/map.ts`. */
const collections = ['bench', 'faults'];

/** The program of a collection that the first argument names, all of them without one. Throws with the names that there are. */
function findPrograms(collection) {
  const all = readdirSync('packages')
    .map((folder) => `packages/${folder}/${collection}`)
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`))
    .filter((file) => file.endsWith('.ts'));
  const name = args.shift();
  if (name === undefined) return all;
  const found = all.filter((file) => file.endsWith(`/${name}.ts`));
  if (found.length > 0) return found;
  const names = all.map((file) => file.slice(file.lastIndexOf('/') + 1, -'.ts'.length)).toSorted();
  throw new Error(`there is no "${name}" to run; npm run ${collection} -- ${names.join(' | ')}`);
}

/** Runs one of our programs on Node 24; Ctrl-C reaches it through the terminal, and it decides how to end. */
function runProgram(program) {
  process.on('SIGINT', () => {});
  const result = spawnSync(nodeBinary(), ['--disable-warning=ExperimentalWarning', ...program, ...args], {
    stdio: 'inherit',
  });
  return result.status ?? 1;
}

try {
  ensureDependencies();
  if (task === 'test') process.exitCode = await test(args);
  else if (task === 'check') process.exitCode = check();
  else if (Object.hasOwn(programs, task ?? '')) process.exitCode = runProgram(programs[task]);
  else if (task === 'test:e2e') process.exitCode = runProgram(endToEnd);
  else if (collections.includes(task)) {
    process.exitCode = Math.max(...findPrograms(task).map((program) => runProgram([program])));
  } else {
    const names = ['test', 'test:e2e', 'check', ...Object.keys(programs), ...collections];
    throw new Error(`unknown task "${task}"; there are ${names.join(', ')}`);
  }
} catch (error) {
  console.error(`windvane: ${error.message}`);
  process.exitCode = 1;
}
