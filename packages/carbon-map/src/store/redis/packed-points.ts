import type { ForecastPoint } from '../../model/reading.ts';
import type { Instant, Millis } from '../../model/time.ts';

/**
 * How points are written: as hundredths of a gram in four bytes where that is exact, as it is for all that was rounded
 * to them, else as doubles; first all intensities, then all expected errors unless no point has one.
 */
type PointsKind = 0 | 1 | 2 | 3;

const HUNDREDTHS = 0;
const HUNDREDTHS_WITH_ERRORS = 1;
const DOUBLES = 2;
const DOUBLES_WITH_ERRORS = 3;
/** No expected error, which is no number of hundredths. */
const NO_ERROR = 0xff_ff_ff_ff;

interface PackedPoints {
  readonly kind: PointsKind;
  readonly bytes: Uint8Array;
}

export function packPoints(points: readonly ForecastPoint[]): PackedPoints {
  const grams = points.map(({ gramsPerKwh }) => gramsPerKwh);
  const errors = points.map(({ expectedError }) => expectedError);
  const hasErrors = errors.some((error) => error !== null);
  const values: readonly (number | null)[] = hasErrors ? [...grams, ...errors] : grams;
  if (values.every((value) => value === null || isHundredths(value))) {
    const packed = new Uint32Array(values.length);
    for (const [i, value] of values.entries()) {
      packed[i] = value === null ? NO_ERROR : Math.round(value * 100);
    }
    return { kind: hasErrors ? HUNDREDTHS_WITH_ERRORS : HUNDREDTHS, bytes: new Uint8Array(packed.buffer) };
  }
  const packed = Float64Array.from(values, (value) => value ?? Number.NaN);
  return { kind: hasErrors ? DOUBLES_WITH_ERRORS : DOUBLES, bytes: new Uint8Array(packed.buffer) };
}

function isHundredths(value: number): boolean {
  const hundredths = Math.round(value * 100);
  return hundredths >= 0 && hundredths < NO_ERROR && hundredths / 100 === value && !Object.is(value, -0);
}

/** @param start where the points begin, in bytes */
export function unpackPoints(
  kind: number,
  numbers: DataView,
  start: number,
  {
    count,
    first,
    resolution,
  }: { readonly count: number; readonly first: Instant; readonly resolution: Millis },
): ForecastPoint[] {
  const points: ForecastPoint[] = [];
  const hasErrors = kind === HUNDREDTHS_WITH_ERRORS || kind === DOUBLES_WITH_ERRORS;
  const isDouble = kind === DOUBLES || kind === DOUBLES_WITH_ERRORS;
  for (let i = 0; i < count; i++) {
    let gramsPerKwh: number;
    let error = Number.NaN;
    if (isDouble) {
      gramsPerKwh = numbers.getFloat64(start + 8 * i, true);
      if (hasErrors) error = numbers.getFloat64(start + 8 * (count + i), true);
    } else {
      gramsPerKwh = numbers.getUint32(start + 4 * i, true) / 100;
      const hundredths = hasErrors ? numbers.getUint32(start + 4 * (count + i), true) : NO_ERROR;
      if (hundredths !== NO_ERROR) error = hundredths / 100;
    }
    points.push({
      at: first + i * resolution,
      gramsPerKwh,
      expectedError: Number.isNaN(error) ? null : error,
    });
  }
  return points;
}
