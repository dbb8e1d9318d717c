import { type Clock, networkReason, SECOND, systemClock } from '@windvane/carbon-map';
import { z } from 'zod';
import type { Environment } from '../config/config.ts';
import { parseHubUrl } from '../config/hub-url.ts';
import { given, readToken } from '../config/secret.ts';
import { UserError } from '../config/user-error.ts';

/** Asks a running controller. */
export interface HubClient {
  /** Throws UserError when there is no answer within 10 seconds, or the answer is an error. */
  ask<T>(query: string, variables: Readonly<Record<string, unknown>>, shape: z.ZodType<T>): Promise<T>;
}

const DEFAULT_URL = 'http://127.0.0.1:4280';
const TIMEOUT = 10 * SECOND;

const answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/**
 * @param url as given on the command line; else `WINDVANE_HUB_URL`, else the default port of this machine
 * @param tokenFile as given on the command line; else `WINDVANE_HUB_TOKEN_FILE`, else no token
 */
export function createHubClient(
  url: string | undefined,
  tokenFile: string | undefined,
  environment: Environment,
  clock: Clock = systemClock,
): HubClient {
  const base = url ?? given(environment, 'WINDVANE_HUB_URL') ?? DEFAULT_URL;
  const field = url === undefined ? 'WINDVANE_HUB_URL' : '--url';
  const endpoint = new URL('/graphql', parseHubUrl(base, field, DEFAULT_URL, '--token-file'));
  const token = tokenOf(tokenFile, environment);
  return {
    async ask(query, variables, shape) {
      const request = {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      };
      const { status, text } = await exchange(endpoint, request, clock).catch((error: unknown) => {
        throw new UserError(
          `no controller answers at ${base} (${networkReason(error)}): start one with "windvane run", name another with --url, or give --config`,
        );
      });
      if (status === 401) {
        throw new UserError(
          `${base} wants a valid token: name its file with --token-file or WINDVANE_HUB_TOKEN_FILE`,
        );
      }
      const body = answer.safeParse(parseJson(text));
      const messages = body.data?.errors?.map(({ message }) => message) ?? [];
      if (messages.length > 0) throw new UserError(messages);
      const data = shape.safeParse(body.data?.data);
      if (!data.success)
        throw new UserError(`${base} does not answer like a Windvane controller: check --url`);
      return data.data;
    },
  };
}

/** The whole answer, its body included, within the time for one. */
async function exchange(
  endpoint: URL,
  request: RequestInit,
  clock: Clock,
): Promise<{ readonly status: number; readonly text: string }> {
  const deadline = new AbortController();
  const cancel = clock.after(TIMEOUT, () =>
    deadline.abort(new DOMException(`no answer within ${TIMEOUT / SECOND} s`, 'TimeoutError')),
  );
  try {
    const response = await fetch(endpoint, { ...request, signal: deadline.signal });
    return { status: response.status, text: await response.text() };
  } finally {
    cancel();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function tokenOf(tokenFile: string | undefined, environment: Environment): string | null {
  if (tokenFile !== undefined) return readToken(tokenFile, '--token-file');
  const path = given(environment, 'WINDVANE_HUB_TOKEN_FILE');
  return path === undefined ? null : readToken(path, 'WINDVANE_HUB_TOKEN_FILE');
}
