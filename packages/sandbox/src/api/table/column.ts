import type { KubeObject } from '../object.ts';

/** One column of a table and how its cells are made. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, 1 only by `kubectl get -o wide`. */
  readonly priority: number;
  /** `now` in Unix milliseconds, for ages. */
  readonly cell: (object: KubeObject, now: number) => unknown;
}

/**
 * A column of a built-in kind in short: its heading and what it shows. A heading that ends in `+` is shown
 * by `-o wide` only, one that ends in `#` holds integers.
 */
export type Cell = readonly [heading: string, show: (object: KubeObject, now: number) => unknown];
