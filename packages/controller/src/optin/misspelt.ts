import { optInKeys, PREFIX, userAnnotations } from './keys.ts';
import { nearMiss } from './near-miss.ts';

/**
 * What was written where `windvane.dev/placement` was meant, with its prefix; null where that key stands, or nothing
 * looks like it. An object that carries this alone has not opted in, so that no status would ever speak of it.
 */
export function misspeltOptIn(annotations: Readonly<Record<string, string>> | undefined): string | null {
  const written = Object.keys(userAnnotations(annotations));
  if (written.includes('placement')) return null;
  const key = written.find((each) => nearMiss(each, Object.keys(optInKeys)) === 'placement');
  return key === undefined ? null : PREFIX + key;
}
