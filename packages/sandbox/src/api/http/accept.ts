/** One media range of an Accept header, with its parameters. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The ranges of an Accept header in the order of the header; Kubernetes' clients list by preference. */
export function parseAccept(header: string | undefined): MediaRange[] {
  return (header ?? '*/*')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [type = '', ...rest] = part.split(';').map((piece) => piece.trim());
      const parameters: Record<string, string> = {};
      for (const piece of rest) {
        const [key = '', value = ''] = piece.split('=');
        parameters[key] = value;
      }
      return { type, parameters };
    });
}

/** What an object or list is sent as. */
type Form = 'object' | 'table' | 'metadata';

/** A negotiated answer: JSON in one of three forms. */
export interface Negotiated {
  readonly form: Form;
  /** Version of meta.k8s.io for tables and metadata (`v1`, `v1beta1`). */
  readonly metaVersion: string;
}

/** The first range that this server can serve; undefined when there is none (406). */
export function negotiate(header: string | undefined): Negotiated | undefined {
  for (const { type, parameters } of parseAccept(header)) {
    if (!isJson(type)) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return { form: 'object', metaVersion: 'v1' };
    if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue;
    if (as === 'Table') return { form: 'table', metaVersion: v };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') {
      return { form: 'metadata', metaVersion: v };
    }
  }
  return undefined;
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === '*/*' || type === 'application/*';
}
