type Members = Readonly<Record<string, unknown>>;

/**
 * Whether two values are stored as the same JSON, whatever the order of their keys. Members that are undefined count as
 * absent: JSON leaves them out. Nothing is made for the comparison, since every status of a fleet is compared at every
 * look.
 */
export function saysTheSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, index) => saysTheSame(each, b[index]));
  }
  return isMembers(a) && isMembers(b) && countOf(a) === countOf(b) && holdsAll(a, b);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

function countOf(members: Members): number {
  let count = 0;
  for (const key in members) if (members[key] !== undefined) count += 1;
  return count;
}

function holdsAll(a: Members, b: Members): boolean {
  for (const key in a) {
    if (a[key] !== undefined && !(Object.hasOwn(b, key) && saysTheSame(a[key], b[key]))) return false;
  }
  return true;
}
