import { parse } from 'yaml';
import { ApiError, badRequest } from '../errors.ts';
import { decodeProtobuf } from '../protobuf/decode.ts';
import type { ApiRequest } from './reply.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const TYPES: readonly string[] = ['application/json', 'application/yaml', PROTOBUF];

/** The media type of a request's body, without parameters. */
export function contentType(request: ApiRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

/**
 * The body of a POST, PUT or DELETE; undefined when there is none.
 * @throws ApiError 400 when it cannot be read, 415 for another content type
 */
export function parseBody(request: ApiRequest): unknown {
  const type = contentType(request);
  if (request.body.length === 0) return undefined;
  if (type !== '' && !TYPES.includes(type)) {
    const message = `the body of the request was in an unknown format - accepted media types include: ${TYPES.join(', ')}`;
    throw new ApiError(415, 'UnsupportedMediaType', message);
  }
  if (type === PROTOBUF) return decodeProtobuf(request.body);
  const text = textOf(request);
  try {
    // Kubernetes reads YAML 1.1, in which `yes` and `off` are booleans.
    return type === 'application/yaml' ? parse(text, { version: '1.1' }) : JSON.parse(text);
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

export function textOf(request: ApiRequest): string {
  return request.body.toString('utf8');
}
