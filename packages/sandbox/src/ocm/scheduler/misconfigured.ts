/**
 * A Placement that OCM refuses to evaluate: it selects nothing until it is put right. `plugin` is the one that
 * refused, or empty for the scheduler itself.
 */
export class MisconfiguredError extends Error {
  readonly plugin: string;

  constructor(plugin: string, message: string) {
    super(message);
    this.name = 'MisconfiguredError';
    this.plugin = plugin;
  }
}
