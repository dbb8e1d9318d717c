import type { IncomingMessage, ServerResponse } from 'node:http';
import { tagMatches, viewDocument } from '../scalers/document.ts';
import type { FleetView } from './fleet-view.ts';
import type { Caller } from './roles.ts';
import { mayActFor, viewFor, zonesSchema } from './scaler-queries.ts';

/** `GET /scaler/v1/view?cluster=NAME[&zones=DE,FR]`, with ETag and If-None-Match. */
export async function handleScalerView(
  fleet: FleetView,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, message: string): void => {
    response
      .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
      .end(`${message}\n`);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(405, 'The view is read with GET.');
  }
  const query = new URL(request.url ?? '/', 'http://hub').searchParams;
  const cluster = query.get('cluster') ?? '';
  if (cluster === '' || cluster.length > 253) return refuse(400, 'Name the cluster: ?cluster=NAME');
  if (!mayActFor(caller, cluster)) {
    return refuse(403, `This token is for the cluster ${caller.cluster ?? ''}, not for the one asked for.`);
  }
  const zones = zonesSchema.safeParse((query.get('zones') ?? '').split(',').filter((zone) => zone !== ''));
  if (!zones.success) return refuse(400, `zones ${zones.error.issues[0]?.message ?? 'is not valid'}`);
  const { body, etag } = viewDocument(await viewFor(fleet, cluster, zones.data));
  const headers = { ETag: etag, 'Cache-Control': 'private, no-cache', 'X-Content-Type-Options': 'nosniff' };
  if (tagMatches(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Type': 'application/json; charset=utf-8' });
  response.end(request.method === 'HEAD' ? undefined : body);
}
