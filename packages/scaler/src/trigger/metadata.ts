import type { Millis } from '@windvane/carbon-map';

/** What decides whether the grid is clean enough. */
export type TriggerRule =
  /** Allowed below a fixed intensity, in gCO2eq per kWh (above 0). */
  | { readonly kind: 'target'; readonly gramsPerKwh: number }
  /** Allowed in the cleanest `percent` (above 0, at most 100) of the next 24 hours. */
  | { readonly kind: 'percentile'; readonly percent: number };

/** What to answer while nothing is known of the grid; `keep` is the state that the last data gives. */
export type OnMissingData = 'keep' | 'run' | 'pause';

/** A trigger's metadata after checks and defaults. */
export interface TriggerOptions {
  /** As written; null stands for the place of the cluster itself. */
  readonly location: string | null;
  readonly rule: TriggerRule;
  /** The mean over this time from now is held against the target; 0 compares the present intensity. */
  readonly forecastWindow: Millis;
  /** Longest time held without a break; null for no limit. */
  readonly maxDelay: Millis | null;
  /** How long work runs after `maxDelay`. */
  readonly minRun: Millis;
  /** What is paused runs again this far below the target (0..0.5 of it), or this many shares deeper in the percentile. */
  readonly hysteresis: number;
  /** Replicas allowed while clean; null when nobody says. */
  readonly maxReplicas: number | null;
  readonly onMissingData: OnMissingData;
}

/** One thing that its author should mend. */
export interface MetadataProblem {
  /** The key that it is about. */
  readonly key: string;
  /** Names the key, what was written and the remedy. */
  readonly message: string;
}

export interface ParsedMetadata {
  /** Null when what was written cannot be followed: then no rule holds the work, and the problems say why. */
  readonly options: TriggerOptions | null;
  /** Counts also without options. */
  readonly onMissingData: OnMissingData;
  readonly maxReplicas: number | null;
  readonly problems: readonly MetadataProblem[];
}
