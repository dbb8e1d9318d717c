import type { Instant, Millis } from '@windvane/carbon-map';

/** How the hands that restore and uninstall are given time, and told to hurry. */
export interface HandBackPace {
  readonly now: () => Instant;
  readonly pause: (length: Millis) => Promise<void>;
  /** Longest time for one policy or Placement. */
  readonly timeout: Millis;
  /** The found value at once: no steps, no waiting. */
  readonly force: boolean;
  readonly tell: (line: string) => void;
}
