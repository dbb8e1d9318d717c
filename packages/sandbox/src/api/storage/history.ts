import type { KubeObject } from '../object.ts';

/** One change, as the store keeps it: in the storage version, with what was there before. */
export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: string;
  readonly version: number;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** The last changes of one resource, in order; the oldest are forgotten beyond `limit`. */
export class History {
  readonly #limit: number;
  #events: StoredEvent[] = [];
  /** Version of the newest forgotten event; whoever is at least there has missed nothing. */
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(event: StoredEvent): void {
    this.#events.push(event);
    // Twice the limit before trimming: one copy per `limit` events instead of one per event.
    if (this.#events.length > 2 * this.#limit) {
      const dropped = this.#events.length - this.#limit;
      this.#forgotten = this.#events[dropped - 1]?.version ?? this.#forgotten;
      this.#events = this.#events.slice(dropped);
    }
  }

  /** Events after `version`, oldest first; undefined when some of them are forgotten. */
  since(version: number): readonly StoredEvent[] | undefined {
    if (version < this.#forgotten) return undefined;
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }
}
