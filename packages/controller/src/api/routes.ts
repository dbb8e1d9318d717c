import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../config/listen.ts';
import type { FleetView } from './fleet-view.ts';
import { notReadyReasons } from './health.ts';
import type { Metrics } from './metrics.ts';
import type { Authenticate, Caller } from './roles.ts';
import { handleScalerView } from './scaler-route.ts';

const SCALER_VIEW = '/scaler/v1/view';

/** What the server answers with. */
export interface Routes {
  readonly fleet: FleetView;
  readonly authenticate: Authenticate;
  /** Accept only requests that name this machine: without tokens, a web page must not reach the API by a name of its own. */
  readonly onlyLocalNames: boolean;
  readonly metrics: Metrics;
  readonly log: { error(details: Readonly<Record<string, unknown>>, message: string): void };
  readonly graphql: {
    handle(
      request: IncomingMessage,
      response: ServerResponse,
      context: { fleet: FleetView; caller: Caller },
    ): unknown;
  };
}

/** Answers one request; never rejects. */
export async function handleRoutes(
  routes: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    await route(routes, request, response);
  } catch (error) {
    routes.log.error({ err: error, method: request.method, path: pathOf(request) }, 'request failed');
    if (!response.headersSent) answer(response, 500, 'Unexpected error.\n');
    else response.destroy();
  }
}

async function route(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request);
  if (path === '/healthz') return answer(response, 200, 'ok\n');
  if (path === '/readyz') {
    const reasons = notReadyReasons(routes.fleet);
    return reasons.length === 0
      ? answer(response, 200, 'ok\n')
      : answer(response, 503, `${reasons.join('\n')}\n`);
  }
  if (path !== '/graphql' && path !== '/metrics' && path !== SCALER_VIEW) {
    return answer(response, 404, 'Not found: the API is at /graphql.\n');
  }
  if (routes.onlyLocalNames && !isLoopback(hostOf(request))) {
    return answer(response, 403, 'Without tokens only requests to localhost are answered.\n');
  }
  const caller = routes.authenticate(request.headers.authorization ?? null);
  if (caller === null) {
    response.setHeader('WWW-Authenticate', 'Bearer realm="windvane"');
    return answer(response, 401, 'Send a valid token: Authorization: Bearer TOKEN\n');
  }
  if (path === '/graphql') {
    await routes.graphql.handle(request, response, { fleet: routes.fleet, caller });
    return;
  }
  if (path === SCALER_VIEW) return handleScalerView(routes.fleet, caller, request, response);
  if (caller.role === 'scaler') return answer(response, 403, 'A scaler token may not read /metrics.\n');
  answer(response, 200, await routes.metrics.text(), routes.metrics.contentType);
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type: string = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d+$/, '');
}
