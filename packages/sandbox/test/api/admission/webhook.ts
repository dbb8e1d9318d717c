import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TestCertificate } from '../certificates.ts';
import type { Json } from '../client.ts';

/** A webhook that a test answers for. */
export interface TestWebhook {
  readonly url: string;
  readonly port: number;
  /** Every `request` that came in, oldest first. */
  readonly requests: Json[];
  /** Makes the `response`, without uid, or the whole body when `raw`. */
  answer: (request: Json) => Promise<Json>;
  stop(): Promise<void>;
}

/** Starts a webhook on loopback that allows everything until told otherwise. */
export async function startWebhook({ cert, key }: TestCertificate): Promise<TestWebhook> {
  const hook: { answer: TestWebhook['answer'] } = { answer: async () => ({ allowed: true }) };
  const requests: Json[] = [];
  const server: Server = createServer({ cert, key }, (incoming, outgoing) => {
    void review(incoming, outgoing);
  });
  async function review(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { request } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    requests.push(request);
    const { raw, code = 200, ...response } = await hook.answer(request);
    outgoing.writeHead(code, { 'content-type': 'application/json' });
    const whole = raw ?? {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: request.uid, ...response },
    };
    outgoing.end(JSON.stringify(whole));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}/mutate`,
    port,
    requests,
    get answer() {
      return hook.answer;
    },
    set answer(answer) {
      hook.answer = answer;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A JSON patch as an AdmissionReview carries it. */
export function patchOf(operations: readonly Json[]): Json {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
