import { networkReason } from '@windvane/carbon-map';
import { z } from 'zod';

export type KubeErrorKind =
  | 'not-found'
  | 'already-exists'
  /** The object changed since it was read (resourceVersion or uid differ). */
  | 'conflict'
  /** Server-side apply: another manager owns the field. `managers` names them. */
  | 'field-conflict'
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  /** The resourceVersion to watch from is too old: list again. */
  | 'gone'
  | 'throttled'
  | 'server'
  | 'unreachable'
  /** The kubeconfig or the server's address is wrong. */
  | 'misconfigured'
  | 'aborted';

const retryableKinds: ReadonlySet<KubeErrorKind> = new Set<KubeErrorKind>([
  'conflict',
  'gone',
  'throttled',
  'server',
  'unreachable',
]);

/** What went wrong at an API server, in one line that names the thing and, where there is one, the remedy. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly kind: KubeErrorKind;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Managers that own the contested fields; only for `field-conflict`. */
  readonly managers: readonly string[];
  /** How long the server asks to wait, in milliseconds; null when it does not say. */
  readonly retryAfter: number | null;

  constructor(
    kind: KubeErrorKind,
    message: string,
    more: { status?: number; managers?: readonly string[]; retryAfter?: number | null; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.status = more.status ?? 0;
    this.managers = more.managers ?? [];
    this.retryAfter = more.retryAfter ?? null;
  }

  /** The same request may succeed later without anybody mending anything. */
  get retryable(): boolean {
    return retryableKinds.has(this.kind);
  }
}

export function isKubeError(error: unknown, ...kinds: readonly KubeErrorKind[]): error is KubeError {
  return error instanceof KubeError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** metav1.Status, as far as it is read. */
const statusBody = z.object({
  kind: z.literal('Status'),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })).optional(),
    })
    .optional(),
});
type StatusBody = z.infer<typeof statusBody>;

/** Null for what is no Status. */
function parseStatus(body: string): StatusBody | null {
  try {
    return statusBody.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

/** The API server writes `conflict with "manager" using apps/v1` (or `with subresource …`) into each cause. */
function managersIn(body: StatusBody | null): string[] {
  const managers = new Set<string>();
  for (const cause of body?.details?.causes ?? []) {
    if (cause.reason !== 'FieldManagerConflict') continue;
    const quoted = /conflict with "([^"]*)"/.exec(cause.message ?? '');
    managers.add(quoted?.[1] ?? 'another manager');
  }
  return [...managers].sort();
}

function kindOf(status: number, body: StatusBody | null): KubeErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      if (body?.reason === 'AlreadyExists') return 'already-exists';
      return managersIn(body).length > 0 ? 'field-conflict' : 'conflict';
    case 410:
      return 'gone';
    case 429:
      return 'throttled';
    default:
      return status >= 500 ? 'server' : 'invalid';
  }
}

/** What a server that is about to work again answers, or a proxy before it. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Turns an answer that is not 2xx into an error. `what` names request and object: `apply PropagationPolicy apps/web`. */
export function errorFromAnswer(
  server: string,
  { what, path }: { readonly what: string; readonly path: string },
  status: number,
  body: string,
): KubeError {
  const parsed = parseStatus(body);
  if (parsed === null && status === 404 && !servesNothing(path, body)) {
    // Taken at its word, every object would be gone.
    return new KubeError('server', unlikeKubernetes(server, status), { status });
  }
  const kind = kindOf(status, parsed);
  const seconds = parsed?.details?.retryAfterSeconds;
  return new KubeError(kind, messageOf(server, what, status, parsed), {
    status,
    managers: kind === 'field-conflict' ? managersIn(parsed) : [],
    retryAfter: seconds === undefined ? null : seconds * 1000,
  });
}

/** For a group that it does not serve, an API server answers with this text instead of a Status. */
function servesNothing(path: string, body: string): boolean {
  return path.startsWith('/apis/') && body.trim() === '404 page not found';
}

function messageOf(server: string, what: string, status: number, body: StatusBody | null): string {
  const said = body?.message ?? '';
  if (status === 401) {
    return `API server ${server}: ${what}: ${said === '' ? 'Unauthorized' : said}; check the credentials in the kubeconfig`;
  }
  if (body !== null || status === 404) return `${what}: ${said === '' ? `HTTP ${status}` : said}`;
  return PASSING.has(status) ? `API server ${server} answered ${status}` : unlikeKubernetes(server, status);
}

function unlikeKubernetes(server: string, status: number): string {
  return `API server ${server} answered ${status}, not like Kubernetes: check the server in the kubeconfig`;
}

/** A 2xx answer that is not what was asked for. `why`: what it should have been. */
export function errorFromContent(server: string, what: string, why: string): KubeError {
  return new KubeError(
    'server',
    `API server ${server} does not answer like Kubernetes (${what}: ${why}): check the server in the kubeconfig`,
  );
}

/** The line of a command for an error that its user can mend or wait out; null for any other, a fault of the program. */
export function lineOf(error: unknown): string | null {
  if (
    !isKubeError(error, 'misconfigured', 'unreachable', 'unauthorized', 'forbidden', 'server', 'throttled')
  ) {
    return null;
  }
  return PASSING.has(error.status) ? `${error.message}; it refuses for now: try again` : error.message;
}

/** No answer came. Names the server and what to check. */
export function errorFromTransport(server: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new KubeError('aborted', `request to ${server} was given up`, { cause: error });
  }
  const code = networkReason(error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) {
    return new KubeError(
      'misconfigured',
      `API server ${server}: its certificate is not trusted (${code}); set certificate-authority-data in the kubeconfig`,
      { cause: error },
    );
  }
  return new KubeError(
    'unreachable',
    `API server ${server} cannot be reached (${code}); check the server's address in the kubeconfig and that it is running`,
    { cause: error },
  );
}
