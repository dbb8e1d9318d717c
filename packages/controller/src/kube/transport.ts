import {
  HttpMethod,
  IsomorphicFetchHttpLibrary,
  type KubeConfig,
  RequestContext,
  type ResponseContext,
} from '@kubernetes/client-node';
import { isToken } from '../config/secret.ts';
import { errorFromAnswer, errorFromTransport, KubeError } from './errors.ts';

type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface KubeRequest {
  readonly method: Verb;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Request and object for error messages. */
  readonly what: string;
}

/** HTTP to one API server with the credentials of one kubeconfig context. */
export interface Transport {
  readonly server: string;
  /** The parsed body. Throws {@link KubeError}. */
  json(request: KubeRequest): Promise<unknown>;
  /** The body line by line as it comes, for watches. Throws {@link KubeError}. */
  lines(request: KubeRequest): AsyncIterable<string>;
}

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/** An answer that takes longer than this is taken for a lost connection. */
const ANSWER_TIMEOUT_MILLIS = 30_000;

/**
 * The client library makes a new connection pool for every request. One pool is kept here instead, until a request
 * fails below HTTP or is refused as unauthorised: then certificates may have been renewed, and a new one is made.
 */
export function createTransport(config: KubeConfig, server: string): Transport {
  const http = new IsomorphicFetchHttpLibrary();
  let pool: Dispatcher | undefined;

  async function send(request: KubeRequest, signal: AbortSignal): Promise<ResponseContext> {
    const context = new RequestContext(server.replace(/\/$/, '') + request.path, HttpMethod[request.method]);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) context.setQueryParam(name, value);
    }
    context.setHeaderParam('Accept', 'application/json');
    if (request.body !== undefined) {
      context.setHeaderParam('Content-Type', request.contentType ?? 'application/json');
      context.setBody(JSON.stringify(request.body));
    }
    try {
      await config.applySecurityAuthentication(context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KubeError('misconfigured', `credentials for ${server} cannot be used: ${reason}`, {
        cause: error,
      });
    }
    // The client library would repeat it in its error.
    const bearer = /^Bearer ([^]*)$/.exec(context.getHeaders()['Authorization'] ?? '')?.[1];
    if (bearer !== undefined && !isToken(bearer.trim())) {
      throw new KubeError(
        'misconfigured',
        `credentials for ${server} cannot be used: the token of the kubeconfig is none: put one line of ASCII in it`,
      );
    }
    pool ??= context.getDispatcher();
    if (pool !== undefined) context.setDispatcher(pool);
    context.setSignal(signal);
    try {
      const response = await http.send(context).toPromise();
      if (response.httpStatusCode === 401) pool = undefined;
      return response;
    } catch (error) {
      pool = undefined;
      throw errorFromTransport(server, error);
    }
  }

  async function checked(request: KubeRequest, signal: AbortSignal): Promise<ResponseContext> {
    const response = await send(request, signal);
    if (response.httpStatusCode >= 200 && response.httpStatusCode < 300) return response;
    throw errorFromAnswer(server, request, response.httpStatusCode, await response.body.text());
  }

  return {
    server,
    async json(request) {
      const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS);
      const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
      const response = await checked(request, signal);
      try {
        return JSON.parse(await response.body.text()) as unknown;
      } catch (error) {
        if (error instanceof SyntaxError) {
          throw new KubeError(
            'misconfigured',
            `API server ${server} does not answer like Kubernetes (no JSON): check the server in the kubeconfig`,
          );
        }
        throw errorFromTransport(server, error);
      }
    },
    async *lines(request) {
      const response = await checked(request, request.signal ?? new AbortController().signal);
      const stream = response.body.stream();
      if (stream === null) return;
      const decoder = new TextDecoder();
      let rest = '';
      try {
        for await (const chunk of stream) {
          rest += decoder.decode(chunk, { stream: true });
          const complete = rest.split('\n');
          rest = complete.pop() ?? '';
          for (const line of complete) if (line.trim() !== '') yield line;
        }
      } catch (error) {
        throw errorFromTransport(server, error);
      }
    },
  };
}
