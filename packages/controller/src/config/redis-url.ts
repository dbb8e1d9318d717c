import { UserError } from './user-error.ts';

/**
 * Checks the address of a Redis. A password is accepted only from where secrets belong. Throws {@link UserError},
 * whose text never repeats the address, because it may hold a password.
 */
export function redisUrl(text: string, field: string, mayHoldPassword: boolean): string {
  const remedy = 'write redis://host:port, rediss://host:port (TLS) or unix:///path';
  const url = URL.parse(text.trim());
  if (url === null || !['redis:', 'rediss:', 'unix:'].includes(url.protocol)) {
    throw new UserError(`${field}: not the address of a Redis: ${remedy}`);
  }
  if (url.protocol !== 'unix:' && url.hostname === '')
    throw new UserError(`${field}: names no host: ${remedy}`);
  if (!mayHoldPassword && url.password !== '') {
    throw new UserError(
      `${field}: holds a password: move it to WINDVANE_REDIS_URL or to a file named by store.urlFile`,
    );
  }
  return text.trim();
}
