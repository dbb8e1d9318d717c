import type { ManagerEntry } from './managers.ts';

/** A field of an unforced apply that another manager owns with another value. */
export interface ApplyConflict {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** As the API server prints it: `.spec.placement.replicaScheduling`. */
  readonly field: string;
  /** The message of the cause in `Status.details.causes`: `conflict with "kubectl" using v1`. */
  readonly message: string;
}

/** An unforced apply that would change fields of other managers: HTTP 409, reason Conflict. */
export class ApplyConflictError extends Error {
  override readonly name = 'ApplyConflictError';
  readonly code = 409;
  readonly conflicts: readonly ApplyConflict[];

  constructor(conflicts: readonly ApplyConflict[]) {
    super(describe(conflicts));
    this.conflicts = conflicts;
  }
}

/** An applied configuration that cannot be applied at all. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** The HTTP status: 400 for a wrong request, 500 where the API server answers so too. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The manager in the words of conflict messages. */
export function printManager(entry: Omit<ManagerEntry, 'fields' | 'time'>): string {
  const subresource =
    entry.subresource === '' ? '' : ` with subresource ${JSON.stringify(entry.subresource)}`;
  const version = entry.operation === 'Update' ? ` using ${entry.apiVersion}` : '';
  return `${JSON.stringify(entry.manager)}${subresource}${version}`;
}

function describe(conflicts: readonly ApplyConflict[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) {
    return `Apply failed with 1 conflict: ${only.message}: ${only.field}`;
  }
  const groups = Map.groupBy(conflicts, (conflict) => printManager(conflict));
  const lines = [...groups].flatMap(([manager, group]) => [
    `conflicts with ${manager}:`,
    ...group.map((conflict) => `- ${conflict.field}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
