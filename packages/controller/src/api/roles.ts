import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { readYaml } from '../config/read-yaml.ts';
import { isToken } from '../config/secret.ts';

/** `reader` reads; `scaler` reads and reports for one cluster; `admin` does so for any. */
type Role = 'reader' | 'scaler' | 'admin';

/** Who is asking. */
export interface Caller {
  readonly role: Role;
  /** The one cluster of a scaler; null for the others. */
  readonly cluster: string | null;
}

/** Finds the caller behind an Authorization header; null when it names nobody. */
export type Authenticate = (authorization: string | null) => Caller | null;

interface TokenEntry {
  token: string;
  role: Role;
  cluster?: string | undefined;
}

const MIN_TOKEN_LENGTH = 16;

const tokensSchema: z.ZodType<TokenEntry[]> = z
  .array(
    z
      .strictObject({
        token: z
          .string()
          .min(MIN_TOKEN_LENGTH, `is too short to be a secret: use at least ${MIN_TOKEN_LENGTH} characters`)
          .refine(isToken, 'must be printable ASCII without spaces'),
        role: z.enum(['reader', 'scaler', 'admin'], 'write reader, scaler or admin'),
        cluster: z.string().min(1).optional(),
      })
      .refine((entry) => entry.role !== 'scaler' || entry.cluster !== undefined, {
        path: ['cluster'],
        message: 'a scaler token must name its cluster',
      }),
  )
  .min(1, 'holds no token: add an entry with token and role');

/** A token as it stays in memory. */
interface KnownToken {
  readonly digest: Buffer;
  readonly caller: Caller;
}

/**
 * Reads the tokens file (a YAML list of `token`, `role` and, for scalers, `cluster`). Only digests stay in memory.
 * Throws UserError.
 */
export function readTokens(path: string): readonly KnownToken[] {
  return readYaml(path, tokensSchema, 'api.tokensFile').map((entry) => ({
    digest: digest(entry.token),
    caller: { role: entry.role, cluster: entry.cluster ?? null },
  }));
}

/** The check of a caller against the tokens that are known at that moment. */
export function authenticateBy(known: () => readonly KnownToken[]): Authenticate {
  return (authorization) => {
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return null;
    const offered = digest(token);
    let found: Caller | null = null;
    // Every entry is compared, and digests have one length: the time taken tells nothing about the tokens.
    for (const entry of known()) if (timingSafeEqual(entry.digest, offered)) found = entry.caller;
    return found;
  };
}

/** Without tokens, whoever reaches the loopback address is the machine's own user. */
export const authenticateNobody: Authenticate = () => ({ role: 'admin', cluster: null });

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
