import { type Clock, networkReason, systemClock } from '@windvane/carbon-map';
import { z } from 'zod';
import type { Environment } from '../config/config.ts';
import { parseHubUrl } from '../config/hub-url.ts';
import { given, readSecret, readToken } from '../config/secret.ts';
import { UserError } from '../config/user-error.ts';
import { isCertificateFault, post } from './post.ts';

/** Asks a running controller. */
export interface HubClient {
  /** Throws UserError when there is no answer within 10 seconds, or the answer is an error. */
  ask<T>(query: string, variables: Readonly<Record<string, unknown>>, shape: z.ZodType<T>): Promise<T>;
}

const DEFAULT_URL = 'http://127.0.0.1:4280';

const answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/** What is given on the command line; what is not, the environment says. */
export interface HubClientOptions {
  /** Else `WINDVANE_HUB_URL`, else the default port of this machine. */
  readonly url?: string;
  /** Else `WINDVANE_HUB_TOKEN_FILE`, else no token. */
  readonly tokenFile?: string;
  /** PEM file with the authorities of its certificate; else `WINDVANE_HUB_CA_FILE`, else those of the system. */
  readonly caFile?: string;
  /** What else may be done when none answers, for people: `, or ...`. */
  readonly orElse?: string;
}

export function createHubClient(
  { url, tokenFile, caFile, orElse = '' }: HubClientOptions,
  environment: Environment,
  clock: Clock = systemClock,
): HubClient {
  const base = url ?? given(environment, 'WINDVANE_HUB_URL') ?? DEFAULT_URL;
  const field = url === undefined ? 'WINDVANE_HUB_URL' : '--url';
  const endpoint = new URL('/graphql', parseHubUrl(base, field, DEFAULT_URL, '--token-file'));
  const token = fileOf(tokenFile, '--token-file', environment, 'WINDVANE_HUB_TOKEN_FILE', readToken);
  const ca = fileOf(caFile, '--ca-file', environment, 'WINDVANE_HUB_CA_FILE', readSecret);
  return {
    async ask(query, variables, shape) {
      const request = {
        headers: {
          'content-type': 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
        ca,
      };
      const { status, text } = await post(endpoint, request, clock).catch((error: unknown) => {
        throw new UserError(unanswered(base, networkReason(error), orElse));
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

function unanswered(base: string, reason: string, orElse: string): string {
  const remedy = isCertificateFault(reason)
    ? 'its certificate must be valid, be for the host in the address, and come from an authority in --ca-file or WINDVANE_HUB_CA_FILE'
    : `start one with "windvane run", name another with --url${orElse}`;
  return `no controller answers at ${base} (${reason}): ${remedy}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What stands in the file that the command line or the environment names; null when neither names one. */
function fileOf(
  path: string | undefined,
  flag: string,
  environment: Environment,
  variable: string,
  read: (path: string, field: string) => string,
): string | null {
  if (path !== undefined) return read(path, flag);
  const named = given(environment, variable);
  return named === undefined ? null : read(named, variable);
}
