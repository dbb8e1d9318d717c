import { afterAll, beforeAll, describe } from 'vitest';
import { describeControllers } from './behaviour/controllers.ts';
import { WIDGETS } from './behaviour/fixtures.ts';
import { clientOf } from './client.ts';
import type { ApiServer } from './real-apiserver.ts';
import { sandboxUnderTest } from './servers.ts';

describe('controllers of the sandbox', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await sandboxUnderTest.start([WIDGETS]);
  });
  afterAll(() => server.stop());
  describeControllers(() => clientOf(server));
});
