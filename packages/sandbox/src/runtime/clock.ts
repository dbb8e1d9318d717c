/** Time as the stand-ins see it: real, or driven by a test or a demo. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `task` once, after `delayMs` milliseconds of this clock. */
  after(delayMs: number, task: () => void): void;
}
