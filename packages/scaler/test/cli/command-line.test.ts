import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/cli/command-line.ts';

const read = (line: string) => readCommandLine(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  it.each([
    ['', { verb: 'run', json: false, release: false }],
    ['run', { verb: 'run', json: false, release: false }],
    ['doctor --json', { verb: 'doctor', json: true, release: false }],
    ['uninstall --json --release', { verb: 'uninstall', json: true, release: true }],
    ['-h', { verb: 'help', json: false, release: false }],
    ['uninstall --release --help', { verb: 'help', json: false, release: false }],
  ])('reads "%s"', (line, understood) => {
    expect(read(line)).toEqual(understood);
  });

  it.each([
    ['start', 'unknown command "start": there are run, doctor, uninstall'],
    ['docter', 'unknown command "docter" (did you mean doctor?): there are run, doctor, uninstall'],
    ['toString', 'unknown command "toString": there are run, doctor, uninstall'],
    [
      'uninstall --release=yes',
      'uninstall: "--release=yes" is not understood (did you mean --release?): it takes --release, --json',
    ],
    ['uninstall --dry-run', 'uninstall: "--dry-run" is not understood: it takes --release, --json'],
    [
      'uninstall release',
      'uninstall: "release" is not understood (did you mean --release?): it takes --release, --json',
    ],
    ['doctor --json=true', 'doctor: "--json=true" is not understood (did you mean --json?): it takes --json'],
    ['doctor --release', 'doctor: "--release" is not understood: it takes --json'],
    ['--json', 'run: "--json" is not understood: it takes no flags, its settings are in the environment'],
    ['run now', 'run: "now" is not understood: it takes no flags, its settings are in the environment'],
  ])('refuses "%s"', (line, message) => {
    expect(() => read(line)).toThrow(`${message}; see windvane-scaler --help`);
  });
});
