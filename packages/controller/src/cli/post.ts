import { type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Clock, SECOND } from '@windvane/carbon-map';

const TIMEOUT = 10 * SECOND;

export interface Post {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** Authorities of the server's certificate, PEM; null for those of the system. */
  readonly ca: string | null;
}

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** The whole answer, its body included. Rejects when there is none within 10 seconds. */
export async function post(url: URL, { headers, body, ca }: Post, clock: Clock): Promise<Posted> {
  const deadline = new AbortController();
  const late = new DOMException(`no answer within ${TIMEOUT / SECOND} s`, 'TimeoutError');
  const cancel = clock.after(TIMEOUT, () => deadline.abort(late));
  const { promise, resolve, reject } = Promise.withResolvers<Posted>();
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const sent = request(
    url,
    { method: 'POST', headers, signal: deadline.signal, ...(ca === null ? {} : { ca }) },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  try {
    return await promise;
  } catch (error) {
    throw deadline.signal.aborted ? late : error;
  } finally {
    cancel();
  }
}

/** Whether the code of a failed connection says that the server's certificate is not trusted. */
export function isCertificateFault(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code);
}
