import type { Subresource } from '../core.ts';

/** The parts of a resource path: `/apis/{group}/{version}[/namespaces/{namespace}]/{plural}[/{name}[/{subresource}]]`. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: Subresource;
}

function isSubresource(name: string): name is Subresource {
  return ['', 'status', 'scale', 'finalize'].includes(name);
}

/** Reads a resource path; undefined for any other. */
export function parsePath(pathname: string): ResourcePath | undefined {
  const parts = pathname.split('/').filter((part) => part !== '');
  const root = parts.shift();
  const group = root === 'apis' ? parts.shift() : root === 'api' ? '' : undefined;
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0) return undefined;
  let decoded: string[];
  try {
    decoded = parts.map((part) => decodeURIComponent(part));
  } catch {
    return undefined;
  }
  // A namespace's own status and finalize come before resources of those names.
  const ofNamespace = decoded[2] === undefined || decoded[2] === 'status' || decoded[2] === 'finalize';
  if (decoded[0] === 'namespaces' && decoded[1] !== undefined && (!ofNamespace || group !== '')) {
    return rest(group, version, decoded[1], decoded.slice(2));
  }
  return rest(group, version, '', decoded);
}

function rest(
  group: string,
  version: string,
  namespace: string,
  [plural = '', name = '', subresource = '', ...more]: readonly string[],
): ResourcePath | undefined {
  if (plural === '' || more.length > 0 || !isSubresource(subresource)) return undefined;
  return { group, version, namespace, plural, name, subresource };
}
