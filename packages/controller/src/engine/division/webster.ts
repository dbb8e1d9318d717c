/**
 * Karmada's division of replicas over static weights, reproduced exactly: the Webster (Sainte-Laguë) method of
 * `AllocateWebsterSeats` (karmada-io/karmada, pkg/util/helper/webstermethod.go) with the tie-breaker of
 * pkg/util/helper/binding.go. The previous division plays no part in it.
 */

import { zeros } from '../vectors.ts';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const encoder = new TextEncoder();

/** FNV-1a, 32 bits, over the UTF-8 bytes of the text (Go's `fnv.New32a`). */
export function fnv1a32(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of encoder.encode(text)) {
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return hash >>> 0;
}

/**
 * Divides `replicas` over the clusters of `weights` as Karmada's scheduler does.
 *
 * Each replica goes to the largest `weight / (2 * seats + 1)`, compared as 64-bit floats like in Karmada. Ties go to
 * fewer seats, then to the name: ascending, or descending when the 32-bit FNV-1a hash of `uid` is odd.
 *
 * @param weights positive integers by cluster name; others are left out, as a weight of 0 gets nothing.
 * @param replicas how many to divide; 0 or less gives an empty division.
 * @param uid UID of the workload; empty means ascending names.
 * @returns replicas by cluster, without clusters that get none. Empty when no weight is positive: the caller must
 * never write such a list, since Karmada then divides evenly over every candidate.
 */
export function divide(
  weights: Readonly<Record<string, number>>,
  replicas: number,
  uid: string,
): Record<string, number> {
  const names = Object.keys(weights)
    .filter((name) => (weights[name] ?? 0) > 0)
    .sort((a, b) => (a < b ? -1 : 1));
  const seats = divideSeats(
    names.map((name) => weights[name] ?? 0),
    replicas,
    uid,
  );
  const division: Record<string, number> = {};
  for (const [index, name] of names.entries()) {
    const got = seats[index] ?? 0;
    if (got > 0) division[name] = got;
  }
  return division;
}

/**
 * The same without names: weights of clusters in ascending order of their names, 0 for those that get nothing.
 *
 * @returns replicas in the same order.
 */
export function divideSeats(weights: readonly number[], replicas: number, uid: string): number[] {
  // In tie order, so that the strict comparison of `nextSeat` keeps the earlier of two equals.
  const order: number[] = [];
  for (let index = 0; index < weights.length; index++) if ((weights[index] ?? 0) > 0) order.push(index);
  if (order.length > 1 && uid !== '' && hasOddHash(uid)) order.reverse();
  const votes: number[] = [];
  const seats: number[] = [];
  for (const index of order) {
    votes.push(weights[index] ?? 0);
    seats.push(0);
  }
  for (let left = replicas; left > 0 && order.length > 0; left--) {
    const winner = nextSeat(votes, seats);
    seats[winner] = (seats[winner] ?? 0) + 1;
  }
  const division = zeros(weights.length);
  for (let at = 0; at < order.length; at++) division[order[at] ?? 0] = seats[at] ?? 0;
  return division;
}

/**
 * Whether the FNV-1a hash of a text is odd. Its prime is odd, so that multiplying by it keeps the last bit: what is left
 * of the hash there is the offset's last bit and one from each byte.
 */
function hasOddHash(text: string): boolean {
  let bit = FNV_OFFSET;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return fnv1a32(text) % 2 === 1;
    bit ^= code;
  }
  return (bit & 1) === 1;
}

function nextSeat(votes: readonly number[], seats: readonly number[]): number {
  let winner = 0;
  let best = -1;
  let bestSeats = 0;
  for (let index = 0; index < votes.length; index++) {
    const held = seats[index] ?? 0;
    const priority = (votes[index] ?? 0) / (2 * held + 1);
    if (priority > best || (priority === best && held < bestSeats)) {
      winner = index;
      best = priority;
      bestSeats = held;
    }
  }
  return winner;
}
