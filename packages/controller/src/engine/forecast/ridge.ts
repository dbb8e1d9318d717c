/** Least squares with a penalty, fed one sample at a time. */
export interface Ridge {
  readonly samples: number;
  add(features: Float64Array, target: number): void;
  /** Solves for the coefficients from everything added so far. */
  fit(): void;
  /** Zero before the first fit. */
  predict(features: Float64Array): number;
}

/** Penalty per sample, relative to the variance of each feature: strong while little is known. */
const PENALTY = 0.01;
const PENALTY_WHILE_NEW = 300;

/**
 * A ridge regression over `width` features, the first of which is the intercept and not penalised. The penalty is
 * relative to each feature's mean square, so that the unit of a feature does not matter.
 */
export function createRidge(width: number): Ridge {
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  let coefficients: Float64Array | null = null;
  let samples = 0;
  return {
    get samples() {
      return samples;
    },
    add(features, target) {
      samples++;
      for (let row = 0; row < width; row++) {
        const value = features[row] ?? 0;
        if (value === 0) continue;
        moment[row] = (moment[row] ?? 0) + value * target;
        let at = row * width;
        for (let column = 0; column <= row; column++) {
          gram[at] = (gram[at] ?? 0) + value * (features[column] ?? 0);
          at++;
        }
      }
    },
    fit() {
      const penalty = PENALTY + PENALTY_WHILE_NEW / Math.max(1, samples);
      const system = Float64Array.from(gram);
      for (let row = 0; row < width; row++) {
        const diagonal = row * width + row;
        const square = gram[diagonal] ?? 0;
        system[diagonal] = square * (1 + (row === 0 ? PENALTY : penalty)) + 1e-9 * (1 + square);
      }
      coefficients = solveSymmetric(system, moment, width);
    },
    predict(features) {
      if (coefficients === null) return 0;
      let sum = 0;
      for (let row = 0; row < width; row++) sum += (features[row] ?? 0) * (coefficients[row] ?? 0);
      return sum;
    },
  };
}

/** Solves a symmetric positive definite system, given by its lower triangle, by Cholesky's method. */
function solveSymmetric(system: Float64Array, right: Float64Array, width: number): Float64Array {
  const at = (row: number, column: number) => system[row * width + column] ?? 0;
  for (let row = 0; row < width; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      system[row * width + column] =
        row === column ? Math.sqrt(Math.max(sum, 1e-12)) : sum / at(column, column);
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < width; row++) {
    let sum = solution[row] ?? 0;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  for (let row = width - 1; row >= 0; row--) {
    let sum = solution[row] ?? 0;
    for (let k = row + 1; k < width; k++) sum -= at(k, row) * (solution[k] ?? 0);
    solution[row] = sum / at(row, row);
  }
  return solution;
}
