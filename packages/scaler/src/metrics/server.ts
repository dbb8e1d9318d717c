import { createServer } from 'node:http';
import { type Listen, UserError } from '@windvane/controller/config';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface MetricsServerOptions {
  readonly listen: Listen;
  readonly contentType: string;
  readonly text: () => Promise<string>;
  /** Why calls cannot be answered yet; null when they can. */
  readonly notReady: () => string | null;
  readonly failed: (error: unknown) => void;
}

/** Metrics and probes over HTTP. Throws {@link UserError} when it cannot listen there. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { listen, contentType, text, notReady, failed } = options;
  const plain = 'text/plain; charset=utf-8';

  async function answer(path: string): Promise<{ status: number; type: string; body: string }> {
    if (path === '/healthz') return { status: 200, type: plain, body: 'ok\n' };
    if (path === '/readyz') {
      const reason = notReady();
      return { status: reason === null ? 200 : 503, type: plain, body: `${reason ?? 'ok'}\n` };
    }
    if (path === '/metrics') return { status: 200, type: contentType, body: await text() };
    return { status: 404, type: plain, body: 'Not found: there are /metrics, /healthz and /readyz.\n' };
  }

  const server = createServer((request, response) => {
    answer((request.url ?? '/').split('?')[0] ?? '/')
      .then(({ status, type, body }) => response.writeHead(status, { 'Content-Type': type }).end(body))
      .catch((error: unknown) => {
        failed(error);
        response.writeHead(500, { 'Content-Type': plain }).end('Unexpected error.\n');
      });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${listen.host}:${listen.port}`;
      reject(
        new UserError(
          `WINDVANE_METRICS_LISTEN: cannot listen on ${where} (${error.code ?? error.message}): choose a free port or another address`,
        ),
      );
    });
    server.listen(listen.port, listen.host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : listen.port);
    });
  });
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
