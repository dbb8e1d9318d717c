import { parseRedisUrl } from '@windvane/carbon-map';
import { UserError } from './user-error.ts';

/** PEM files for TLS, absolute. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Checks the address of a Redis, of its Sentinels or of a cluster, and adds the files for TLS. A password is accepted only
 * from where secrets belong. Throws {@link UserError}, whose text never repeats the address, because it may hold a password.
 */
export function redisUrl(
  written: string,
  field: string,
  mayHoldPassword: boolean,
  tls: TlsFiles = {},
): string {
  const text = written.trim();
  const address = parsed(text, field);
  if (!mayHoldPassword && (address.password !== null || address.sentinelPassword !== null)) {
    throw new UserError(
      `${field}: holds a password: move it to WINDVANE_REDIS_URL or to a file named by store.urlFile`,
    );
  }
  const files = Object.entries(tls).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (files.length === 0) return text;
  if (address.tls === null) {
    throw new UserError(`store.tls: needs an address with TLS: begin ${field} with rediss://`);
  }
  const query = new URLSearchParams(files).toString();
  return `${text}${text.includes('?') ? '&' : '?'}${query}`;
}

function parsed(text: string, field: string): ReturnType<typeof parseRedisUrl> {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    if (/^rediss?[:+]/.test(text) && error instanceof Error) {
      throw new UserError(`${field}: not the address of a Redis: ${error.message}`);
    }
    throw new UserError(
      `${field}: not the address of a Redis: write redis://host:port, rediss://host:port (TLS), redis+sentinel://host:port,host:port/master, redis+cluster://host:port,host:port or unix:///path`,
    );
  }
}
