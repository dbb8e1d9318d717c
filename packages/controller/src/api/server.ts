import { createServer, type Server } from 'node:http';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { isLoopback, type Listen } from '../config/listen.ts';
import { UserError } from '../config/user-error.ts';
import { maskError } from './errors.ts';
import type { FleetView } from './fleet-view.ts';
import { costLimit } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { authenticateByFile, authenticateNobody } from './roles.ts';
import { handleRoutes, type Routes } from './routes.ts';
import { type ApiContext, apiSchema } from './schema.ts';

/** Where unexpected errors are told. */
interface ApiLog {
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ApiOptions {
  readonly fleet: FleetView;
  readonly listen: Listen;
  /** Null serves whoever reaches a loopback address. */
  readonly tokensFile: string | null;
  readonly log: ApiLog;
}

/** A server that listens. */
export interface ApiServer {
  /** For example `http://127.0.0.1:4280`. */
  readonly url: string;
  /** Ends open connections and stops listening. */
  stop(): Promise<void>;
}

/** Starts the API. Throws UserError when it may not, or cannot, listen there. */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const { fleet, listen, tokensFile } = options;
  if (tokensFile === null && !isLoopback(listen.host)) {
    throw new UserError(
      `api.listen: ${listen.host} can be reached from other machines, and no tokens are configured: name a file with api.tokensFile, or listen on 127.0.0.1`,
    );
  }
  const routes: Routes = {
    fleet,
    authenticate: tokensFile === null ? authenticateNobody : authenticateByFile(tokensFile),
    onlyLocalNames: tokensFile === null,
    metrics: createMetrics(fleet, fleet.now()),
    log: options.log,
    graphql: createGraphql(options.log),
  };
  const server = createServer((request, response) => {
    void handleRoutes(routes, request, response);
  });
  const port = await bind(server, listen);
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
