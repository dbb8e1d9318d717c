import { HOUR, type Instant, type Millis } from '@windvane/carbon-map';
import type { KubeObject } from '../../../kube/resource.ts';
import { storedScores } from '../read/scores.ts';

/** Name of the AddOnPlacementScore that anybody's Placement may draw on: one in the namespace of every cluster. */
export const PUBLISHED_SCORES = 'windvane';
/** Name of the one score in it. */
const CARBON_SCORE = 'carbon';

/** How intensities become scores. The bounds are fixed: bounds of each moment would make trembling look like storms. */
export interface ScoreScale {
  /** gCO2eq per kWh at and below which a cluster scores 100. */
  readonly cleanGramsPerKwh: number;
  /** gCO2eq per kWh at and above which it scores 0. */
  readonly dirtyGramsPerKwh: number;
  /** Points by which a score must differ from the stored one to be written. */
  readonly deadBand: number;
}

export const defaultScale: ScoreScale = { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };

const VALIDITY: Millis = 12 * HOUR;
const RENEWAL: Millis = VALIDITY / 2;

/** 100 is cleanest, 0 dirtiest or unknown: OCM counts a missing score as 0, which beats everything negative. */
export function carbonScore(gramsPerKwh: number | null, scale: ScoreScale): number {
  if (gramsPerKwh === null) return 0;
  const { cleanGramsPerKwh: clean, dirtyGramsPerKwh: dirty } = scale;
  const part = (dirty - gramsPerKwh) / (dirty - clean);
  return Math.round(100 * Math.max(0, Math.min(1, part)));
}

/**
 * Until when scores written at `now` hold (RFC 3339). All clusters share one end, the same whoever writes: ends lie on
 * a grid of half the validity, so that a score is renewed after half of it.
 */
export function validUntil(now: Instant): string {
  const end = Math.floor(now / RENEWAL) * RENEWAL + VALIDITY;
  return new Date(end).toISOString().replace('.000Z', 'Z');
}

/** Time until scores are to be renewed next. */
export function untilRenewal(now: Instant): Millis {
  return RENEWAL - (now % RENEWAL);
}

export interface PublishedChange {
  /** `score`: another value. `renewal`: the same value for longer. */
  readonly kind: 'score' | 'renewal';
  readonly value: number;
  readonly validUntil: string;
}

/**
 * What is to be written for one cluster; null for nothing. A score that becomes unknown is written whatever the dead
 * band says.
 * @param frozen then a score keeps its value, and is renewed alone.
 */
export function publishedChange(
  stored: KubeObject | undefined,
  gramsPerKwh: number | null,
  scale: ScoreScale,
  now: Instant,
  frozen = false,
): PublishedChange | null {
  const before = stored === undefined ? null : storedScores(stored);
  const value = carbonScore(gramsPerKwh, scale);
  const until = validUntil(now);
  const standing = before?.values.get(CARBON_SCORE);
  if (standing === undefined) return frozen ? null : { kind: 'score', value, validUntil: until };
  const lost = gramsPerKwh === null && standing !== 0;
  const far = value !== standing && Math.abs(value - standing) >= scale.deadBand;
  if (!frozen && (far || lost)) return { kind: 'score', value, validUntil: until };
  if (sameInstant(before?.validUntil ?? null, until)) return null;
  return { kind: 'renewal', value: standing, validUntil: until };
}

function sameInstant(a: string | null, b: string): boolean {
  return a !== null && Date.parse(a) === Date.parse(b);
}

/** The status that says it. */
export function publishedStatus({ value, validUntil: until }: PublishedChange): unknown {
  return { scores: [{ name: CARBON_SCORE, value }], validUntil: until };
}
