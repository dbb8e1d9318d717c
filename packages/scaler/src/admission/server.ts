import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { type Listen, UserError } from '@windvane/controller/config';
import { answerReview } from './review.ts';

/** Certificate and key in PEM. */
export interface Identity<T extends string | Buffer = string | Buffer> {
  readonly cert: T;
  readonly key: T;
}

export interface WebhookServer {
  readonly port: number;
  /** New connections get this identity; those that are open go on. */
  use(identity: Identity): void;
  stop(): Promise<void>;
}

export interface WebhookOptions {
  readonly listen: Listen;
  readonly identity: Identity;
  readonly scalerAddress: string;
  readonly failed: (error: unknown) => void;
}

/** Objects of the API are at most this large. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;
/** The API server itself waits ten seconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The admission webhook over HTTPS: `POST /mutate`. Throws {@link UserError} when it cannot listen there. */
export async function startWebhook(options: WebhookOptions): Promise<WebhookServer> {
  const { listen, identity, scalerAddress, failed } = options;
  const server = createServer({ ...identity, minVersion: 'TLSv1.2', requestTimeout: REQUEST_TIMEOUT_MS });

  async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const path = (request.url ?? '/').split('?')[0];
    if (path !== '/mutate') return { status: 404, body: 'Not found: there is POST /mutate.\n' };
    if (request.method !== 'POST') return { status: 405, body: 'Reviews come by POST.\n' };
    const text = await readBody(request);
    if (text === null) return { status: 413, body: `A review holds at most ${BODY_LIMIT_BYTES} bytes.\n` };
    const review = answerReview(parse(text), scalerAddress);
    if (review === null) return { status: 400, body: 'Not an AdmissionReview of admission.k8s.io/v1.\n' };
    return { status: 200, body: JSON.stringify(review) };
  }

  server.on('request', (request, response) => {
    answer(request)
      .then(({ status, body }) =>
        response
          .writeHead(status, { 'Content-Type': status === 200 ? 'application/json' : 'text/plain' })
          .end(body),
      )
      .catch((error: unknown) => {
        failed(error);
        response.writeHead(500, { 'Content-Type': 'text/plain' }).end('Unexpected error.\n');
      });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${listen.host}:${listen.port}`;
      const remedy = 'choose a free port or another address';
      reject(
        new UserError(
          `WINDVANE_WEBHOOK_LISTEN: cannot listen on ${where} (${error.code ?? error.message}): ${remedy}`,
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
    use: (next) => server.setSecureContext({ ...next, minVersion: 'TLSv1.2' }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
