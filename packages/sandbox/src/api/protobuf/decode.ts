import { ApiError } from '../errors.ts';
import type { JsonObject } from '../object.ts';
import { MESSAGES } from './messages.ts';
import { readFields, WireError, type WireField } from './wire.ts';

/** `k8s` and a zero byte stand before every object. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/**
 * Reads an object from Kubernetes' protobuf form, as far as `kubectl create` uses it: kubectl sends that
 * form whatever the server says of itself, and cannot be asked for JSON.
 * @throws ApiError 400 for broken bytes, 415 for kinds and fields that are not known here
 */
export function decodeProtobuf(bytes: Uint8Array): JsonObject {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw broken('the prefix k8s is missing');
  try {
    return decodeEnvelope(bytes.subarray(MAGIC.length));
  } catch (error) {
    throw error instanceof WireError ? broken(error.message) : error;
  }
}

function decodeEnvelope(bytes: Uint8Array): JsonObject {
  const parts = new Map(readFields(bytes).map(({ number, value }) => [number, value]));
  const identity = new Map(
    readFields(asBytes(parts.get(1))).map(({ number, value }) => [number, asText(value)]),
  );
  const apiVersion = identity.get(1) ?? '';
  const kind = identity.get(2) ?? '';
  const name = `${apiVersion}/${kind}`;
  if (MESSAGES[name] === undefined) throw unsupported(name);
  return { apiVersion, kind, ...decodeMessage(name, asBytes(parts.get(2))) };
}

function decodeMessage(name: string, bytes: Uint8Array): JsonObject {
  const message: JsonObject = {};
  for (const { number, value } of readFields(bytes)) {
    const definition = MESSAGES[name]?.[number];
    if (definition === undefined) throw unsupported(`field ${number} of ${name}`);
    const space = definition.indexOf(' ');
    const label = definition.slice(0, space);
    const type = definition.slice(space + 1);
    const field = label.replace('!', '');
    if (type.startsWith('map ')) {
      message[field] = { ...asObject(message[field]), ...decodeEntry(type.slice(4), asBytes(value)) };
    } else if (type.startsWith('*')) {
      const list: unknown[] = Array.isArray(message[field]) ? message[field] : [];
      message[field] = [...list, decodeValue(type.slice(1), value)];
    } else {
      const decoded = decodeValue(type, value);
      if (label.endsWith('!') || !isZero(decoded)) message[field] = decoded;
    }
  }
  return message;
}

function decodeValue(type: string, value: WireField['value']): unknown {
  switch (type) {
    case 'string':
      return asText(value);
    case 'bytes':
      return Buffer.from(asBytes(value)).toString('base64');
    case 'bool':
      return value !== 0;
    case 'int':
      return value;
    case 'IntOrString':
      return decodeIntOrString(asBytes(value));
    case 'Quantity':
      return asText(new Map(readFields(asBytes(value)).map((part) => [part.number, part.value])).get(1));
    case 'Ignored':
      return {};
    default:
      return decodeMessage(type, asBytes(value));
  }
}

/** Type 0 is a number in field 2, type 1 is text in field 3. */
function decodeIntOrString(bytes: Uint8Array): string | number {
  const parts = new Map(readFields(bytes).map(({ number, value }) => [number, value]));
  const number = parts.get(2);
  if (parts.get(1) === 1) return asText(parts.get(3));
  return typeof number === 'number' ? number : 0;
}

function decodeEntry(type: string, bytes: Uint8Array): JsonObject {
  const parts = new Map(readFields(bytes).map(({ number, value }) => [number, value]));
  return { [asText(parts.get(1))]: decodeValue(type, parts.get(2) ?? new Uint8Array()) };
}

function isZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function asBytes(value: WireField['value'] | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function asText(value: WireField['value'] | undefined): string {
  return Buffer.from(asBytes(value)).toString('utf8');
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function broken(why: string): ApiError {
  return new ApiError(400, 'BadRequest', `the body is not Kubernetes protobuf: ${why}`);
}

function unsupported(what: string): ApiError {
  const message = `the sandbox does not read ${what} in protobuf; send JSON or YAML (kubectl apply -f does)`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}
