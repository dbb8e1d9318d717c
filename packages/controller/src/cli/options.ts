import { Option } from 'commander';
import { UserError } from '../config/user-error.ts';

/**
 * An option with a value, which is taken as it was written. Throws UserError on the command line when it is empty (a
 * variable of the shell that is not set) or written twice.
 */
export function text(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, before: string | undefined) => {
    if (before === undefined && value !== '') return value;
    throw new UserError(`${option.long ?? flags}: write it once, with a value`);
  });
}

/** An option without a value. Anything behind it, also `=true`, is a mistake and not its value. */
export function flag(flags: string, description: string): Option {
  return new Option(flags, description);
}
