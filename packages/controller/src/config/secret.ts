import { readFileSync } from 'node:fs';
import { UserError } from './user-error.ts';

/** The environment variables that are looked at. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where secrets are looked for. */
export interface SecretPlaces {
  /** File names are relative to the configuration. */
  readonly absolute: (name: string) => string;
  readonly environment: Environment;
}

/** Where one secret comes from, as the configuration says. */
export interface SecretSource {
  readonly file?: string | undefined;
  readonly variable?: string | undefined;
}

/** An empty variable counts as unset, as a deployment template leaves it. */
export function given(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

/** The content of a file without the blanks around it. Throws {@link UserError}, which never repeats the content. */
export function readSecret(path: string, field: string): string {
  let content: string;
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UserError(`${field}: cannot read ${path} (${code}): name a file that this user may read`);
  }
  if (content === '') throw new UserError(`${field}: ${path} is empty: put the secret in it`);
  return content;
}

/** Whether a header can carry it as a token: one line of ASCII without blanks. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** The token in a file. Throws {@link UserError}, which never repeats the content. */
export function readToken(path: string, field: string): string {
  return checkedToken(readSecret(path, field), `${field}: ${path}`);
}

function checkedToken(text: string, place: string): string {
  if (!isToken(text)) throw new UserError(`${place} holds no token: put one line of ASCII in it`);
  return text;
}

/**
 * A secret from its file or its variable; undefined when neither is named. Throws {@link UserError} for both, for a file
 * that cannot be read, for a named variable that is not set and for a token that no header can carry.
 * @param path field of the provider, such as `carbon.providers[0]`
 * @param name what the fields begin with, such as `token`
 */
export function optionalSecret(
  path: string,
  name: string,
  { file, variable }: SecretSource,
  { absolute, environment }: SecretPlaces,
): string | undefined {
  if (file !== undefined && variable !== undefined) {
    throw new UserError(`${path}: ${name}File and ${name}Env name the same secret: keep one of them`);
  }
  if (file !== undefined) {
    const read = name === 'token' ? readToken : readSecret;
    return read(absolute(file), `${path}.${name}File`);
  }
  if (variable === undefined) return undefined;
  const value = given(environment, variable);
  if (value === undefined) {
    // Only what is written as variables are is repeated: it may be the secret itself.
    const named = /^[A-Z_][A-Z0-9_]*$/.test(variable) ? variable : 'the variable that it names';
    throw new UserError(`${path}.${name}Env: ${named} is not set: set it, or name a file with ${name}File`);
  }
  return name === 'token' ? checkedToken(value, `${path}.${name}Env: ${variable}`) : value;
}

/** The same for a secret that a provider cannot do without. `fallback` is the variable that counts when none is named. */
export function requiredSecret(
  path: string,
  type: string,
  name: string,
  { file, variable }: SecretSource,
  fallback: string,
  places: SecretPlaces,
): string {
  if (file !== undefined || variable !== undefined) {
    const value = optionalSecret(path, name, { file, variable }, places);
    if (value !== undefined) return value;
  }
  const value = given(places.environment, fallback);
  if (value !== undefined) return name === 'token' ? checkedToken(value, `${path}: ${fallback}`) : value;
  throw new UserError(
    `${path}: ${type} needs a ${name}: set the environment variable ${fallback}, or name a file with ${name}File`,
  );
}
