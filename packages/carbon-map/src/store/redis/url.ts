/** One address of a Redis, a Sentinel or a node of a cluster. */
interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** What a store's URL says. File paths are of PEM files. */
export interface RedisAddress {
  readonly kind: 'socket' | 'single' | 'sentinel' | 'cluster';
  /** Path of a unix socket; null for the rest. */
  readonly path: string | null;
  readonly nodes: readonly RedisNode[];
  /** Name of the master that the Sentinels watch; null for the rest. */
  readonly master: string | null;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly sentinelPassword: string | null;
  readonly tls: {
    readonly ca: string | null;
    readonly cert: string | null;
    readonly key: string | null;
  } | null;
}

const FORM = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?]*)@)?([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;
const PARAMETERS = new Set(['ca', 'cert', 'key', 'sentinelPassword']);
const PORT = 6379;
const SENTINEL_PORT = 26379;

/**
 * Reads the URL of a store:
 *
 * - `redis://[user:password@]host[:port][/db]`, or the path of a unix socket
 * - `redis+sentinel://[user:password@]host[:port],host[:port]/master-name[/db]`
 * - `redis+cluster://[user:password@]host[:port],host[:port]`
 *
 * `rediss` in place of `redis` is TLS; `?ca=`, `?cert=` and `?key=` name PEM files, the system's authorities count without.
 * User and password are percent-encoded. Throws an Error whose message holds nothing of the URL.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const socket = /^(?:unix:\/\/)?(\/[^?]*)$/.exec(url)?.[1];
  if (socket !== undefined) {
    return { ...NOTHING, kind: 'socket', path: socket };
  }
  const parts = FORM.exec(url);
  if (parts === null) {
    throw new Error(
      'the URL must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://, or be the path of a socket',
    );
  }
  const [, tls, form, credentials, hosts = '', path = '', query = ''] = parts;
  const kind = form === 'sentinel' || form === 'cluster' ? form : 'single';
  // The `@` that ends the password is the last one, unless the password holds one as it is.
  if (`${hosts}${path}`.includes('@')) throw new Error('percent-encode @ : / ? # in the password');
  const parameters = parametersOf(query);
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel' ? SENTINEL_PORT : PORT));
  if (kind === 'single' && nodes.length > 1) {
    throw new Error('several hosts need redis+sentinel:// or redis+cluster://');
  }
  const segments = path.split('/').filter((segment) => segment !== '');
  const master = kind === 'sentinel' ? (segments.shift() ?? null) : null;
  if (kind === 'sentinel' && master === null) {
    throw new Error(
      'redis+sentinel:// needs the name of the master after the hosts: redis+sentinel://host:26379/mymaster',
    );
  }
  const db = dbOf(segments);
  if (kind === 'cluster' && db !== 0) throw new Error('a cluster has no database but 0');
  return {
    ...NOTHING,
    kind,
    nodes,
    master,
    db,
    ...credentialsOf(credentials),
    sentinelPassword: parameters.get('sentinelPassword') ?? null,
    tls:
      tls === 's'
        ? {
            ca: parameters.get('ca') ?? null,
            cert: parameters.get('cert') ?? null,
            key: parameters.get('key') ?? null,
          }
        : null,
  };
}

const NOTHING = {
  path: null,
  nodes: [],
  master: null,
  db: 0,
  username: null,
  password: null,
  sentinelPassword: null,
  tls: null,
} as const;

/** The URL as it may be shown: without the password, the path of a key or any other parameter. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/\?.*$/, '')
    .replace(/^([^/]*\/\/)([^/]*)@/, (_all, scheme: string, credentials: string) => {
      const user = /^([^:]*):/.exec(credentials)?.[1];
      return `${scheme}${user === undefined ? '***' : `${user}:***`}@`;
    });
}

function parametersOf(query: string): URLSearchParams {
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    // Not its name: behind a `?` that was not percent-encoded it is the rest of a password.
    if (!PARAMETERS.has(name)) {
      throw new Error(
        `the URL has a parameter that is not known: there are ${[...PARAMETERS].join(', ')}, and ? in a password is %3F`,
      );
    }
  }
  return parameters;
}

function nodeOf(text: string, defaultPort: number): RedisNode {
  const parts = /^(\[[0-9a-f:.]+\]|[^:\s]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(parts?.[2] ?? defaultPort);
  if (parts?.[1] === undefined || port < 1 || port > 65_535) {
    throw new Error('every host must be written as host or host:port');
  }
  return { host: parts[1].replace(/^\[|\]$/g, ''), port };
}

function dbOf(segments: readonly string[]): number {
  const [text = '0', ...more] = segments;
  if (more.length > 0 || !/^\d{1,4}$/.test(text))
    throw new Error('the database must be a number, such as /0');
  return Number(text);
}

function credentialsOf(text: string | undefined): Pick<RedisAddress, 'username' | 'password'> {
  if (text === undefined || text === '') return { username: null, password: null };
  const [user = '', ...rest] = text.split(':');
  const decoded = (part: string): string | null => (part === '' ? null : decode(part));
  // As in every Redis client, a name alone is the user.
  return { username: decoded(user), password: decoded(rest.join(':')) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('user and password must be percent-encoded');
  }
}
