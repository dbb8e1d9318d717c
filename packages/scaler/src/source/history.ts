/** Hours of history that are kept and asked for: thirty days. */
export const HISTORY_HOURS: number = 30 * 24;
