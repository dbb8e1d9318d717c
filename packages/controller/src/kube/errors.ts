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

function parseStatus(body: string): StatusBody {
  try {
    return statusBody.parse(JSON.parse(body));
  } catch {
    return { message: body.trim().slice(0, 300) };
  }
}

/** The API server writes `conflict with "manager" using apps/v1` (or `with subresource …`) into each cause. */
function managersIn(body: StatusBody): string[] {
  const managers = new Set<string>();
  for (const cause of body.details?.causes ?? []) {
    if (cause.reason !== 'FieldManagerConflict') continue;
    const quoted = /conflict with "([^"]*)"/.exec(cause.message ?? '');
    managers.add(quoted?.[1] ?? 'another manager');
  }
  return [...managers].sort();
}

function kindOf(status: number, body: StatusBody): KubeErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      if (body.reason === 'AlreadyExists') return 'already-exists';
      return managersIn(body).length > 0 ? 'field-conflict' : 'conflict';
    case 410:
      return 'gone';
    case 429:
      return 'throttled';
    default:
      return status >= 500 ? 'server' : 'invalid';
  }
}

/** Turns an answer that is not 2xx into an error. `what` names request and object: `apply PropagationPolicy apps/web`. */
export function errorFromAnswer(what: string, status: number, body: string): KubeError {
  const parsed = parseStatus(body);
  const kind = kindOf(status, parsed);
  const detail = parsed.message === undefined || parsed.message === '' ? `HTTP ${status}` : parsed.message;
  const seconds = parsed.details?.retryAfterSeconds;
  return new KubeError(kind, `${what}: ${detail}`, {
    status,
    managers: kind === 'field-conflict' ? managersIn(parsed) : [],
    retryAfter: seconds === undefined ? null : seconds * 1000,
  });
}

function codeOf(error: unknown): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return error instanceof Error ? error.message : String(error);
}

/** No answer came. Names the server and what to check. */
export function errorFromTransport(server: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new KubeError('aborted', `request to ${server} was given up`, { cause: error });
  }
  const code = codeOf(error);
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
