// Entry of every `npm run` task. It needs nothing but the Node that npm itself runs on (20 or later): it installs
// what is missing, then hands over to Node 24.
import { spawnSync } from 'node:child_process';
import { check } from './check.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { nodeBinary } from './setup/node.mjs';
import { test } from './test.mjs';

const [task, ...args] = process.argv.slice(2);

const programs = {
  demo: ['packages/controller/src/cli/main.ts', 'demo'],
  windvane: ['packages/controller/src/cli/main.ts'],
  sandbox: ['packages/sandbox/src/main.ts'],
};

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
  else throw new Error(`unknown task "${task}"; there are test, check, ${Object.keys(programs).join(', ')}`);
} catch (error) {
  console.error(`windvane: ${error.message}`);
  process.exitCode = 1;
}
