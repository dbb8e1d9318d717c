import type { CarbonMap } from '../model/carbon-map.ts';
import type { Reading, SignalPair, ZoneCode } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';

/** The right to write, held by one process at a time. A later holder has a larger `token`, which fences off earlier ones. */
export interface WriterLease {
  readonly holder: string;
  readonly token: number;
}

/** Thrown by a write whose lease is no longer the newest, or whose version is not newer than the stored one. */
export class FencedWriteError extends Error {
  override readonly name = 'FencedWriteError';
}

/** Keeps whole versions of the carbon map and a bounded history of readings. */
export interface MapStore {
  readonly kind: 'memory' | 'redis';
  /** False while the last contact failed; reads then answer from the last version seen. */
  connected(): boolean;
  /** The newest whole version in one round trip, or null before the first write. Never goes backwards. */
  read(): Promise<CarbonMap | null>;
  /** Stores a whole version and tells subscribers. Throws {@link FencedWriteError}. */
  write(map: CarbonMap, lease: WriterLease): Promise<void>;
  /** Takes the writer lease for `ttl`, or renews it for the same holder; null while another one holds it. */
  acquireWriter(holder: string, ttl: Millis): Promise<WriterLease | null>;
  releaseWriter(lease: WriterLease): Promise<void>;
  /** Adds readings to their zones' history; one per (zone, pair, validFrom), measured replaces estimated. */
  appendHistory(readings: readonly Reading[]): Promise<void>;
  /** History of one zone in one pair over [from, to), ascending by validFrom. */
  history(zone: ZoneCode, pair: SignalPair, from: Instant, to: Instant): Promise<readonly Reading[]>;
  /** What the writer notes for the next one, under a short name; kept as long as the history. Null when there is none. */
  readNote(name: string): Promise<string | null>;
  writeNote(name: string, text: string): Promise<void>;
  /** Calls the listener with each new version number; a poll covers lost notices. Returns the way to stop. */
  subscribe(listener: (version: number) => void): () => void;
  close(): Promise<void>;
}
