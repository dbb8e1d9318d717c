import { createServer, request as send } from 'node:http';

/** A request to an API server in the words of RBAC, and how it was answered. */
export interface Access {
  /** `group/resource` with its subresource: `apps/deployments/scale`, `/secrets`. */
  readonly resource: string;
  readonly verb: string;
  /** Empty for collections and creates. */
  readonly name: string;
  readonly status: number;
}

/** Stands before an API server and writes down what it is asked for. Discovery is left out. */
export interface Recorder {
  readonly url: string;
  readonly seen: readonly Access[];
  stop(): Promise<void>;
}

const PATH =
  /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Null for what is no resource. */
function accessOf(method: string, target: string): Omit<Access, 'status'> | null {
  const [path = '', query = ''] = target.split('?');
  const parts = PATH.exec(path);
  if (parts === null) return null;
  const [, group = '', plural = '', name = '', subresource = ''] = parts;
  const collection = new URLSearchParams(query).get('watch') === 'true' ? 'watch' : 'list';
  const verb = VERBS[method] ?? (name === '' ? collection : 'get');
  return { resource: `${group}/${plural}${subresource === '' ? '' : `/${subresource}`}`, verb, name };
}

export async function startRecorder(server: string): Promise<Recorder> {
  const seen: Access[] = [];
  const proxy = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const access = accessOf(method, url);
    const forwarded = send(`${server}${url}`, { method, headers }, (answer) => {
      if (access !== null) seen.push({ ...access, status: answer.statusCode ?? 0 });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      // A watch begins with its headers, long before its first event.
      response.flushHeaders();
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const address = proxy.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
}
