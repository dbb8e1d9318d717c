import type { WriteOptions } from '../core.ts';

/** How the server's own controllers write. */
export const INTERNAL: WriteOptions = {
  manager: 'sandbox-controller-manager',
  dryRun: false,
  force: false,
  fieldValidation: 'Ignore',
  warnings: [],
};
