import { quoted } from '@windvane/carbon-map';
import { nearMiss, UserError } from '@windvane/controller/config';

type Verb = 'run' | 'doctor' | 'uninstall';

/** What each verb takes behind it. */
const FLAGS: Readonly<Record<Verb, readonly string[]>> = {
  run: [],
  doctor: ['--json'],
  uninstall: ['--release', '--json'],
};

/** A command line that was understood. */
export interface CommandLine {
  readonly verb: Verb | 'help';
  readonly json: boolean;
  readonly release: boolean;
}

const SEE = 'see windvane-scaler --help';

/** Reads the words behind the program's name. Throws {@link UserError} for the first that is not understood. */
export function readCommandLine(words: readonly string[]): CommandLine {
  if (words.some((word) => word === '--help' || word === '-h')) {
    return { verb: 'help', json: false, release: false };
  }
  const [first = 'run', ...behind] = words;
  // Without a verb it runs.
  const [verb, flags] = first.startsWith('-') ? ['run', words] : [first, behind];
  if (!isVerb(verb)) {
    throw new UserError(
      `unknown command ${quoted(verb)}${didYouMean(verb, Object.keys(FLAGS))}: there are ${Object.keys(FLAGS).join(', ')}; ${SEE}`,
    );
  }
  const known = FLAGS[verb];
  for (const flag of flags) {
    if (known.includes(flag)) continue;
    const near = didYouMean(flag.replace(/=.*/s, ''), known);
    const takes = known.length === 0 ? 'no flags, its settings are in the environment' : known.join(', ');
    throw new UserError(`${verb}: ${quoted(flag)} is not understood${near}: it takes ${takes}; ${SEE}`);
  }
  return { verb, json: flags.includes('--json'), release: flags.includes('--release') };
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(FLAGS, word);
}

function didYouMean(written: string, known: readonly string[]): string {
  const near = nearMiss(written, known);
  return near === null ? '' : ` (did you mean ${near}?)`;
}
