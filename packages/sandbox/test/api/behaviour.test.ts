import { afterAll, beforeAll, describe } from 'vitest';
import { describeApply } from './behaviour/apply.ts';
import { describeDefinitions } from './behaviour/definitions.ts';
import { describeDeletion } from './behaviour/deletion.ts';
import { describeDiscovery } from './behaviour/discovery.ts';
import { describeErrors } from './behaviour/errors.ts';
import { GADGETS, WIDGETS } from './behaviour/fixtures.ts';
import { describeLists } from './behaviour/lists.ts';
import { describePatches } from './behaviour/patches.ts';
import { describePolicies } from './behaviour/policies.ts';
import { describeStatus } from './behaviour/status.ts';
import { describeTables } from './behaviour/tables.ts';
import { describeWatches } from './behaviour/watches.ts';
import { describeWebhooks } from './behaviour/webhooks.ts';
import { describeWrites } from './behaviour/writes.ts';
import { type Client, clientOf } from './client.ts';
import type { ApiServer } from './real-apiserver.ts';
import { serversUnderTest } from './servers.ts';

/** Gives a suite its client, once its server runs. */
export type Connected = () => Client;

describe.each(serversUnderTest('API behaviour'))('API behaviour of $name', ({ start }) => {
  let server: ApiServer;
  const connected: Connected = () => clientOf(server);
  beforeAll(async () => {
    server = await start([WIDGETS, GADGETS]);
  }, 120_000);
  afterAll(() => server?.stop());

  describeDiscovery(connected);
  describeWrites(connected);
  describeErrors(connected);
  describeStatus(connected);
  describePatches(connected);
  describeApply(connected);
  describeDeletion(connected);
  describeLists(connected);
  describeWatches(connected);
  describeTables(connected);
  describeDefinitions(connected);
  describePolicies(connected);
  describeWebhooks(connected);
});
