import {
  type Clock,
  createMemoryStore,
  createRedisStore,
  type MapStore,
  StoreUnreachableError,
} from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/**
 * Opens the configured store. Throws UserError when no Redis answers at the start; one that is lost later is waited for.
 * @param prefix what the keys in Redis begin with
 */
export async function createStore(
  config: HubConfig['store'],
  clock: Clock,
  prefix?: string,
): Promise<MapStore> {
  if (config.kind === 'memory') return createMemoryStore({ clock });
  try {
    return await createRedisStore({ url: config.url, clock, ...(prefix === undefined ? {} : { prefix }) });
  } catch (error) {
    throw error instanceof StoreUnreachableError ? new UserError(error.message) : error;
  }
}
