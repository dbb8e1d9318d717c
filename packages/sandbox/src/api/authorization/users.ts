import { randomUUID } from 'node:crypto';

/** Who sends a request, as `userInfo` of reviews has it. */
export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Whoever comes without a token of somebody else: may do everything. */
export const ADMIN: UserInfo = {
  username: 'sandbox-admin',
  groups: ['system:masters', 'system:authenticated'],
};

/** The users of a sandbox beside its administrator, by their tokens. */
export type Users = ReadonlyMap<string, UserInfo>;

/** Gives every name a token. */
export function createUsers(names: readonly string[]): Users {
  return new Map(
    names.map((username) => [randomUUID(), { username, groups: ['system:authenticated'] }] as const),
  );
}

/** The token of a user. @throws Error for a name that the sandbox was not started with */
export function tokenOf(users: Users, username: string): string {
  for (const [token, user] of users) if (user.username === username) return token;
  throw new Error(`the sandbox has no user ${username}`);
}
