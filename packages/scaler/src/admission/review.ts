import { z } from 'zod';
import { advise } from './advice.ts';
import { rewrite } from './rewrite.ts';
import { scaledSpec } from './scaled.ts';

/** An AdmissionReview (admission.k8s.io/v1), as far as it is read. */
const reviewSchema = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    kind: z.object({ group: z.string(), kind: z.string() }),
    operation: z.string(),
    object: z
      .object({
        metadata: z.object({ deletionTimestamp: z.unknown().optional() }),
        spec: z.unknown().optional(),
      })
      .nullish(),
  }),
});

/** The body of an answer. */
export interface ReviewAnswer {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: true;
    readonly warnings?: readonly string[];
    readonly patchType?: 'JSONPatch';
    /** Base64 of a JSON patch. */
    readonly patch?: string;
  };
}

/** Longest warning that clients are sure to be shown. */
const WARNING_LENGTH = 240;

/**
 * Answers one review. Everything is allowed; a trigger of ours is rewritten and its mistakes are warnings.
 * @returns null for a body that is no AdmissionReview of version v1
 */
export function answerReview(body: unknown, scalerAddress: string): ReviewAnswer | null {
  const parsed = reviewSchema.safeParse(body);
  if (!parsed.success) return null;
  const { uid, kind, object } = parsed.data.request;
  const envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;
  const spec =
    kind.group === 'keda.sh' && object !== null && object !== undefined ? scaledSpec(object) : null;
  if (spec === null || object?.metadata.deletionTimestamp !== undefined) {
    return { ...envelope, response: { uid, allowed: true } };
  }
  const patch = rewrite(spec, scalerAddress);
  const warnings = advise(kind.kind, spec, scalerAddress).map(({ text }) =>
    text.length <= WARNING_LENGTH ? text : `${text.slice(0, WARNING_LENGTH - 3)}...`,
  );
  return {
    ...envelope,
    response: {
      uid,
      allowed: true,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    },
  };
}
