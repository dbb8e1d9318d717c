/**
 * A mistake of the person who runs the program: each line names the thing and the remedy. It is shown without a
 * stack trace and ends a command with exit code 2.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly lines: readonly string[];

  constructor(lines: string | readonly string[]) {
    const all = typeof lines === 'string' ? [lines] : lines;
    super(all.join('\n'));
    this.lines = all;
  }
}
