import { UserError } from './user-error.ts';

/**
 * Reads the base URL of a controller. Throws {@link UserError}, whose text never repeats it, because it may hold a secret.
 * @param field flag or variable that holds it
 * @param tokenFile flag or variable that names the file with the token, where secrets belong
 */
export function parseHubUrl(written: string, field: string, example: string, tokenFile: string): URL {
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new UserError(`${field}: write the base URL of the hub, for example ${example}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError(`${field}: holds a user or password: leave it out, and name ${tokenFile}`);
  }
  return url;
}
