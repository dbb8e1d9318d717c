import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@windvane/carbon-map';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { isLoopback, type Listen } from '../config/listen.ts';
import { UserError } from '../config/user-error.ts';
import { follow } from '../tls/follow.ts';
import { type KeyPairFiles, loadKeyPair, samePair } from '../tls/pem.ts';
import { maskError } from './errors.ts';
import type { FleetView } from './fleet-view.ts';
import { costLimit } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { type Authenticate, authenticateBy, authenticateNobody, readTokens } from './roles.ts';
import { handleRoutes, type Routes } from './routes.ts';
import { type ApiContext, apiSchema } from './schema.ts';

/** Where unexpected errors are told, and certificates that were taken over. */
interface ApiLog {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ApiOptions {
  readonly fleet: FleetView;
  readonly listen: Listen;
  /** May be replaced at any time; null serves whoever reaches a loopback address. */
  readonly tokensFile: string | null;
  /** Files of a certificate, which may be replaced at any time; null serves plain HTTP. */
  readonly tls: KeyPairFiles | null;
  readonly clock: Clock;
  readonly log: ApiLog;
}

/** A server that listens. */
export interface ApiServer {
  /** For example `http://127.0.0.1:4280`, or `https://` with a certificate. */
  readonly url: string;
  /** Ends open connections and stops listening. */
  stop(): Promise<void>;
}

/** Starts the API. Throws UserError when it may not, or cannot, listen there, and for files that cannot be used. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  refuseStrangers(options);
  const stops: Stops = [];
  try {
    return await listening(options, stops);
  } catch (error) {
    for (const stop of stops) stop();
    throw error;
  }
}

/** What ends the following of files. */
type Stops = (() => void)[];

async function listening(options: ApiOptions, stops: Stops): Promise<ApiServer> {
  const { fleet, listen, tokensFile, tls } = options;
  const routes: Routes = {
    fleet,
    authenticate: tokensFile === null ? authenticateNobody : await followTokens(tokensFile, options, stops),
    onlyLocalNames: tokensFile === null,
    metrics: createMetrics(fleet, fleet.now()),
    log: options.log,
    graphql: createGraphql(options.log),
  };
  const listener: RequestListener = (request, response) => {
    void handleRoutes(routes, request, response);
  };
  const server = tls === null ? createServer(listener) : await createSecured(tls, listener, options, stops);
  const port = await bind(server, listen);
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        for (const stop of stops) stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Who may ask, by the tokens file as it is now. A file that cannot be used changes nothing. */
async function followTokens(path: string, { clock, log }: ApiOptions, stops: Stops): Promise<Authenticate> {
  const followed = await follow({
    load: async () => readTokens(path),
    same: isDeepStrictEqual,
    clock,
    replaced: (tokens) => log.info({ tokens: tokens.length }, 'the API took over a new tokens file'),
    refused: (reason) =>
      log.error({ reason }, 'the tokens file of the API cannot be used; the one before stays'),
  });
  stops.push(() => followed.stop());
  return authenticateBy(() => followed.current());
}

/** Whoever reaches an address beyond this machine has to say who it is. Throws UserError. */
export function refuseStrangers({ listen, tokensFile }: Pick<ApiOptions, 'listen' | 'tokensFile'>): void {
  if (tokensFile !== null || isLoopback(listen.host)) return;
  throw new UserError(
    `api.listen: ${listen.host} can be reached from other machines, and no tokens are configured: name a file with api.tokensFile, or listen on 127.0.0.1`,
  );
}

/** A server over TLS whose certificate follows its files: new connections get the newest, open ones go on. */
async function createSecured(
  files: KeyPairFiles,
  listener: RequestListener,
  { clock, log }: ApiOptions,
  stops: Stops,
): Promise<Server> {
  const followed = await follow({
    load: () => loadKeyPair(files),
    same: samePair,
    clock,
    replaced({ cert, key, expiresAt }) {
      server.setSecureContext({ cert, key });
      log.info({ expiresAt: new Date(expiresAt).toISOString() }, 'the API took over a new certificate');
    },
    refused: (reason) =>
      log.error({ reason }, 'the certificate files of the API cannot be used; the ones before stay'),
  });
  stops.push(() => followed.stop());
  const { cert, key } = followed.current();
  const server = createTlsServer({ cert, key, minVersion: 'TLSv1.2' }, listener);
  return server;
}

/** The GraphQL endpoint alone; whoever mounts it says who is calling, and about which fleet. */
function createGraphql(log: ApiLog): YogaServerInstance<ApiContext, object> {
  const rule = costLimit();
  const limits: Plugin = { onValidate: ({ addValidationRule }) => addValidationRule(rule) };
  return createYoga<ApiContext, object>({
    schema: apiSchema(),
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    // What is unexpected is told by `maskError`, whole and once.
    logging: false,
    maskedErrors: {
      maskError: (error) =>
        maskError(error, (hidden) => log.error({ err: hidden }, 'GraphQL request failed')),
    },
    plugins: [limits],
  });
}

/** Resolves to the port that was taken. */
function bind(server: Server, { host, port }: Listen): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UserError(
          `api.listen: cannot listen on ${host}:${port} (${error.code ?? error.message}): choose a free port or another address`,
        ),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}
