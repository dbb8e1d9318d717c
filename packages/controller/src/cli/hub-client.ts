import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/** Asks a running controller. */
export interface HubClient {
  /** Throws UserError when there is no answer, or the answer is an error. */
  ask<T>(query: string, variables: Readonly<Record<string, unknown>>, shape: z.ZodType<T>): Promise<T>;
}

const DEFAULT_URL = 'http://127.0.0.1:4280';

const answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** @param url as given on the command line; else `WINDVANE_HUB_URL`, else the default port of this machine */
export function createHubClient(
  url: string | undefined,
  tokenFile: string | undefined,
  environment: Environment,
): HubClient {
  const base = url ?? environment['WINDVANE_HUB_URL'] ?? DEFAULT_URL;
  const endpoint = URL.parse('/graphql', base);
  if (endpoint === null || !endpoint.protocol.startsWith('http')) {
    throw new UserError(`--url: "${base}" is not a URL: write for example ${DEFAULT_URL}`);
  }
  const token = readToken(tokenFile ?? environment['WINDVANE_HUB_TOKEN_FILE']);
  return {
    async ask(query, variables, shape) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      }).catch((error: unknown) => {
        throw new UserError(
          `no controller answers at ${base} (${reason(error)}): start one with "windvane run", name another with --url, or give --config`,
        );
      });
      if (response.status === 401) {
        throw new UserError(
          `${base} wants a valid token: name its file with --token-file or WINDVANE_HUB_TOKEN_FILE`,
        );
      }
      const body = answer.safeParse(await response.json().catch(() => null));
      if (!body.success)
        throw new UserError(`${base} does not answer like a Windvane controller: check --url`);
      const messages = body.data.errors?.map(({ message }) => message) ?? [];
      if (messages.length > 0) throw new UserError(messages);
      return shape.parse(body.data.data);
    },
  };
}

function readToken(path: string | undefined): string | null {
  if (path === undefined || path === '') return null;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new UserError(
      `--token-file: cannot read ${path}: name a file that exists and that this user may read`,
    );
  }
}

/** What lies behind `fetch failed`: a code where there is one. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error instanceof Error ? error.message : String(error);
}
