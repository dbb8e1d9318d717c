import type { ServerResponse } from 'node:http';
import type { WatchEvent } from '../read/watch.ts';
import type { Reply } from './reply.ts';

/** Streams a watch as lines of JSON until the client leaves or the time is over. */
export function sendWatch(
  { watch, line }: Extract<Reply, { watch: unknown }>,
  response: ServerResponse,
  bookmarkInterval: number,
): void {
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const stops: (() => void)[] = [];
  let ended = false;
  const end = (): void => {
    ended = true;
    clearTimeout(timeout);
    clearInterval(interval);
    for (const stop of stops) stop();
    response.end();
  };
  const send = (event: WatchEvent): void => {
    if (ended) return;
    response.write(line(event));
    if (event.type === 'ERROR') end();
  };
  const { bookmark } = watch;
  const interval = setInterval(() => {
    if (bookmark !== undefined) send(bookmark());
  }, bookmarkInterval);
  const timeout = setTimeout(() => {
    // The last bookmark lets the client go on exactly where this watch ends.
    if (bookmark !== undefined) send(bookmark());
    end();
  }, watch.timeoutSeconds * 1000);
  response.on('close', end);
  stops.push(watch.start(send));
  // The start itself may have ended the watch.
  if (ended) end();
}
