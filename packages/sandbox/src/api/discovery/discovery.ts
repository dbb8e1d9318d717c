import type { ApiCore } from '../core.ts';
import { parseAccept } from '../http/accept.ts';
import type { ApiRequest, Reply } from '../http/reply.ts';
import type { JsonObject } from '../object.ts';
import { aggregated } from './aggregated.ts';
import { resourceList } from './resources.ts';

/** The release whose behaviour the sandbox follows. */
const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0-windvane-sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-12-17T00:00:00Z',
  goVersion: 'go1.25.5',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** Answers `/version`, health checks and discovery documents; undefined for every other path. */
export function discoveryReply(core: ApiCore, request: ApiRequest): Reply | undefined {
  const path = request.path.replace(/\/$/, '');
  if (path === '/version') return { code: 200, body: VERSION };
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) {
    return { code: 200, body: 'ok', headers: { 'content-type': 'text/plain; charset=utf-8' } };
  }
  if (path === '/api' || path === '/apis') {
    const version = aggregatedVersion(request);
    if (version !== undefined) {
      return {
        code: 200,
        body: aggregated(core.registry, path === '/api', version),
        headers: {
          'content-type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
        },
      };
    }
    return { code: 200, body: path === '/api' ? coreVersions(request) : groupList(core) };
  }
  return groupOrVersion(core, path);
}

/** kubectl and client-go ask for all of discovery in one document, with the plain form as a fallback. */
function aggregatedVersion(request: ApiRequest): string | undefined {
  for (const { type, parameters } of parseAccept(request.headers['accept'])) {
    if (type !== 'application/json' && type !== '*/*') continue;
    if (parameters['as'] === undefined) return undefined;
    const { as, g, v } = parameters;
    const known = v === 'v2' || v === 'v2beta1';
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && known) return v;
  }
  return undefined;
}

function coreVersions(request: ApiRequest): JsonObject {
  const serverAddress = request.headers['host'] ?? '127.0.0.1';
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

function groupList(core: ApiCore): JsonObject {
  const groups = [...core.registry.groups()].filter(([group]) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([name, versions]) => apiGroup(name, versions)),
  };
}

function apiGroup(name: string, versions: readonly string[]): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

function groupOrVersion(core: ApiCore, path: string): Reply | undefined {
  if (path === '/api/v1') return { code: 200, body: resourceList(core.registry, '', 'v1') };
  const match = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (match === null) return undefined;
  const [, group = '', version] = match;
  const versions = core.registry.groups().get(group);
  if (versions === undefined) return undefined;
  if (version === undefined) {
    return { code: 200, body: { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) } };
  }
  if (!versions.includes(version)) return undefined;
  return { code: 200, body: resourceList(core.registry, group, version) };
}
