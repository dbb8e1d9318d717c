/** One field as it lies in a message: a number for varints, bytes for everything with a length. */
export interface WireField {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** A message that is not protobuf, or uses a wire type that Kubernetes' messages do not have. */
export class WireError extends Error {}

/**
 * Reads the fields of a message, in order.
 * @throws WireError when the bytes end early or hold another wire type than varint and length-delimited
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position];
      if (byte === undefined || shift > 63n) throw new WireError('a number ends early');
      position += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    switch (tag & 7n) {
      case 0n:
        fields.push({ number, value: Number(BigInt.asIntN(64, varint())) });
        break;
      case 2n: {
        const length = Number(varint());
        fields.push({ number, value: take(bytes, position, length) });
        position += length;
        break;
      }
      default:
        throw new WireError(`field ${number} has wire type ${tag & 7n}`);
    }
  }
  return fields;
}

function take(bytes: Uint8Array, start: number, length: number): Uint8Array {
  if (start + length > bytes.length) throw new WireError('a field ends early');
  return bytes.subarray(start, start + length);
}
