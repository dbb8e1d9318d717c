import { createHash } from 'node:crypto';

/**
 * Identifies an opt-in: the same annotations on the same objects give the same 16 hex digits. A hold lasts until it
 * differs.
 * @param written user annotations (without prefix) by the label of the object that carries them.
 */
export function annotationsHash(written: ReadonlyMap<string, Readonly<Record<string, string>>>): string {
  const canonical = [...written]
    .map(
      ([label, annotations]) =>
        [label, Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))] as const,
    )
    .filter(([, entries]) => entries.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 16);
}
