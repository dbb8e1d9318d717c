import { type Clock, redisVersion } from '@windvane/carbon-map';
import { createStore } from '../app/store.ts';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/** How the store does. */
export interface StoreFinding {
  readonly kind: 'memory' | 'redis';
  readonly reachable: boolean;
  /** What the server says that it is; null for memory, and where its user may not ask. */
  readonly server: string | null;
  /** Version of the map in it; null when it holds none. */
  readonly mapVersion: number | null;
  readonly problem: string | null;
}

/** Opens the store and reads from it; writes nothing. */
export async function examineStore(config: HubConfig['store'], clock: Clock): Promise<StoreFinding> {
  const { kind } = config;
  try {
    const store = await createStore(config, clock);
    try {
      const map = await store.read();
      const server = config.kind === 'redis' ? await redisVersion(config.url) : null;
      return { kind, reachable: true, server, mapVersion: map?.version ?? null, problem: null };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind, reachable: false, server: null, mapVersion: null, problem: error.message };
  }
}
