/** A mistake in what the user asked for or in a file; the message names it and the remedy. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}
