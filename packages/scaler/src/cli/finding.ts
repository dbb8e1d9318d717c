/** One thing that `doctor` looked at. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly subject: string;
  /** What was found and, unless it is well, the remedy. */
  readonly message: string;
}

/** Notes a finding. */
export type Add = (level: Finding['level'], subject: string, message: string) => void;
