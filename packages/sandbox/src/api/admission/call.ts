import { request } from 'node:https';
import { isObject, type JsonObject } from '../object.ts';
import { type ReviewAnswer, readReview } from './review.ts';

/** Where Services really are: `namespace/name:port` to `host:port`. Nothing routes their addresses here. */
export type ServiceAddresses = Readonly<Record<string, string>>;

/** Where to connect, and which name the certificate must carry. */
interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly servername: string;
  /** As errors print it. */
  readonly url: string;
}

const MILLIS = 1000;
const ANSWER_LIMIT_BYTES = 3 * 1024 * 1024;

/**
 * Sends a review over HTTPS. The certificate has to be signed by `caBundle` (or a public authority without
 * one) and to carry the host's or the Service's name, as for a real server. Never throws: what goes wrong
 * is the answer's `failure`.
 */
export async function callWebhook(
  webhook: JsonObject,
  body: JsonObject,
  services: ServiceAddresses,
): Promise<ReviewAnswer> {
  const config = isObject(webhook['clientConfig']) ? webhook['clientConfig'] : {};
  const seconds = typeof webhook['timeoutSeconds'] === 'number' ? webhook['timeoutSeconds'] : 10;
  const uid = isObject(body['request']) ? String(body['request']['uid']) : '';
  const endpoint = resolve(config, services);
  const called = `failed to call webhook: Post "${endpoint.url}?timeout=${seconds}s"`;
  if (endpoint.port === 0) return { failure: `${called}: no endpoints available for the service` };
  try {
    const { code, text } = await post(endpoint, config['caBundle'], seconds, JSON.stringify(body));
    if (code < 200 || code > 299)
      return { failure: `failed to call webhook: the server responded with the status code ${code}` };
    return readReview(parse(text), uid);
  } catch (error) {
    return { failure: `${called}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function resolve(config: JsonObject, services: ServiceAddresses): Endpoint {
  const { url, service } = config;
  if (!isObject(service)) {
    const { hostname, port, pathname } = new URL(String(url));
    const host = hostname.replace(/^\[|\]$/g, '');
    return {
      host,
      port: port === '' ? 443 : Number(port),
      path: pathname,
      servername: host,
      url: String(url),
    };
  }
  const { name, namespace, port = 443, path = '' } = service;
  const text = String(path);
  const target = services[`${String(namespace)}/${String(name)}:${String(port)}`];
  const servername = `${String(name)}.${String(namespace)}.svc`;
  const [host = '127.0.0.1', number = '0'] = target?.split(':') ?? [];
  const pathname = text.startsWith('/') ? text : `/${text}`;
  return {
    host,
    port: Number(number),
    path: pathname,
    servername,
    url: `https://${servername}:${String(port)}${pathname}`,
  };
}

function post(
  { host, port, path, servername }: Endpoint,
  caBundle: unknown,
  seconds: number,
  text: string,
): Promise<{ code: number; text: string }> {
  const ca = typeof caBundle === 'string' && caBundle !== '' ? Buffer.from(caBundle, 'base64') : undefined;
  return new Promise((done, reject) => {
    const outgoing = request(
      {
        host,
        port,
        path: `${path}?timeout=${seconds}s`,
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        servername: /^[\d.:]+$/.test(servername) ? '' : servername,
        agent: false,
        ...(ca === undefined ? {} : { ca }),
        signal: AbortSignal.timeout(seconds * MILLIS),
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_LIMIT_BYTES) outgoing.destroy(new Error('the answer is too large'));
          chunks.push(chunk);
        });
        incoming.once('error', reject);
        incoming.once('end', () =>
          done({ code: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('error', (error) =>
      reject(
        error.name === 'AbortError' || error.name === 'TimeoutError'
          ? new Error('context deadline exceeded')
          : error,
      ),
    );
    outgoing.end(text);
  });
}
