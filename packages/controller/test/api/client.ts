import { systemClock } from '@windvane/carbon-map';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { FleetView } from '../../src/api/fleet-view.ts';
import { type ApiServer, startApi } from '../../src/api/server.ts';
import { fleetOf } from './fleet.ts';

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.looseObject({ message: z.string(), extensions: z.record(z.string(), z.unknown()).optional() }))
    .optional(),
});

type Answer = z.output<typeof answerSchema>;

/** A running API with what it logged. It stops when its test ends. */
export interface TestApi {
  readonly url: string;
  readonly logged: unknown[];
  ask(query: string, variables?: Record<string, unknown>, token?: string): Promise<Answer>;
}

export async function testApi(
  fleet: FleetView = fleetOf(),
  tokensFile: string | null = null,
): Promise<TestApi> {
  const logged: unknown[] = [];
  const server: ApiServer = await startApi({
    fleet,
    listen: { host: '127.0.0.1', port: 0 },
    tokensFile,
    tls: null,
    clock: systemClock,
    log: { info: () => {}, error: (details) => logged.push(details['err']) },
  });
  onTestFinished(() => server.stop());
  return {
    url: server.url,
    logged,
    async ask(query, variables, token) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      });
      return answerSchema.parse(await response.json());
    },
  };
}
