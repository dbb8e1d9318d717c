/** What one cluster gets of the replicas to divide. */
export interface Seats {
  readonly name: string;
  readonly seats: number;
}

/** A claimant of seats. */
export interface Party {
  readonly name: string;
  readonly weight: number;
}

/** FNV-1a, 32 bits, over the UTF-8 bytes of `text`: Go's `fnv.New32a`. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** Order of the bytes, as Go compares strings. */
export function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Divides `total` seats by the highest averages of Webster (Sainte-Laguë): each seat goes to the largest
 * weight / (2 * seats + 1). Ties go to the party with fewer seats, then to the first name; to the last name
 * when the FNV-1a hash of `tieBreaker` (the UID of the resource) is odd.
 *
 * Quotients are IEEE doubles, as in Karmada (pkg/util/helper/webstermethod.go since v1.16): what that rounds
 * to the same double is a tie there and here.
 *
 * @returns one entry per party, by name; all of them without seats when no party has a weight above zero.
 */
export function webster(total: number, parties: readonly Party[], tieBreaker: string): Seats[] {
  const direction = tieBreaker !== '' && fnv1a32(tieBreaker) % 2 === 1 ? -1 : 1;
  // Sorted so that of two equal claims the earlier one wins.
  const order = [...parties].sort((a, b) => direction * byteOrder(a.name, b.name));
  const seats = order.map(() => 0);
  if (order.some((party) => party.weight > 0)) {
    for (let seat = 0; seat < total; seat += 1) {
      const winner = nextWinner(order, seats);
      seats[winner] = (seats[winner] ?? 0) + 1;
    }
  }
  return order
    .map((party, index) => ({ name: party.name, seats: seats[index] ?? 0 }))
    .sort((a, b) => byteOrder(a.name, b.name));
}

function nextWinner(order: readonly Party[], seats: readonly number[]): number {
  let winner = 0;
  let best = -1;
  for (const [index, party] of order.entries()) {
    const held = seats[index] ?? 0;
    const quotient = party.weight / (2 * held + 1);
    if (quotient > best || (quotient === best && held < (seats[winner] ?? 0))) {
      winner = index;
      best = quotient;
    }
  }
  return winner;
}
