/** Something that a plane's service account must be allowed to do. One rule of the shipped roles each. */
export interface Right {
  readonly groups: readonly string[];
  /** Plurals, or `plural/subresource`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Needed in this namespace only; everywhere when absent. */
  readonly namespace?: string;
  /** What fails without it, for people. */
  readonly purpose: string;
}
