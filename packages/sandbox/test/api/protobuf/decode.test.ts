import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../../../src/api/protobuf/decode.ts';
import { readFields, WireError } from '../../../src/api/protobuf/wire.ts';

type Part = readonly [number: number, value: number | string | readonly Part[]];

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

/** Writes a message, as the tests' own counterpart of what is under test. */
function encode(parts: readonly Part[]): Uint8Array {
  const bytes = parts.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(BigInt(number << 3)), ...varint(BigInt(value))];
    const content = typeof value === 'string' ? Buffer.from(value) : encode(value);
    return [...varint(BigInt((number << 3) | 2)), ...varint(BigInt(content.length)), ...content];
  });
  return Uint8Array.from(bytes);
}

function envelope(apiVersion: string, kind: string, message: readonly Part[]): Uint8Array {
  const type: Part = [
    1,
    [
      [1, apiVersion],
      [2, kind],
    ],
  ];
  return Uint8Array.from([...Buffer.from('k8s\0'), ...encode([type, [2, message]])]);
}

/** Whether the bytes were read, or refused as they should be. */
function outcome(bytes: Uint8Array): string {
  try {
    readFields(bytes);
    return 'fine';
  } catch (error) {
    return error instanceof WireError ? 'fine' : String(error);
  }
}

describe('protobuf', () => {
  it('reads a ConfigMap', () => {
    const message: Part[] = [
      [
        1,
        [
          [1, 'a'],
          [3, 'n'],
          [5, ''],
          [7, 0],
          [
            11,
            [
              [1, 'k'],
              [2, 'v'],
            ],
          ],
        ],
      ],
      [
        2,
        [
          [1, 'one'],
          [2, '1'],
        ],
      ],
      [
        2,
        [
          [1, 'two'],
          [2, ''],
        ],
      ],
      [
        3,
        [
          [1, 'raw'],
          [2, '\u0001'],
        ],
      ],
    ];
    expect(decodeProtobuf(envelope('v1', 'ConfigMap', message))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'n', labels: { k: 'v' } },
      data: { one: '1', two: '' },
      binaryData: { raw: 'AQ==' },
    });
  });

  it('keeps the zeros that mean something', () => {
    const spec: Part[] = [
      [1, 0],
      [5, 0],
      [7, 0],
      [
        3,
        [
          [
            2,
            [
              [
                2,
                [
                  [1, 'main'],
                  [6, [[3, 80]]],
                ],
              ],
            ],
          ],
        ],
      ],
    ];
    const message: Part[] = [
      [1, [[1, 'd']]],
      [2, spec],
      [3, [[2, 7]]],
    ];
    expect(decodeProtobuf(envelope('apps/v1', 'Deployment', message))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        replicas: 0,
        template: { spec: { containers: [{ name: 'main', ports: [{ containerPort: 80 }] }] } },
      },
    });
  });

  it('reads ports by number and by name', () => {
    const spec: Part[] = [
      [
        1,
        [
          [3, 80],
          [
            4,
            [
              [1, 0],
              [2, 8080],
            ],
          ],
        ],
      ],
      [
        1,
        [
          [3, 81],
          [
            4,
            [
              [1, 1],
              [3, 'web'],
            ],
          ],
        ],
      ],
    ];
    const service = decodeProtobuf(envelope('v1', 'Service', [[2, spec]]));
    expect(service['spec']).toEqual({
      ports: [
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: 'web' },
      ],
    });
  });

  it('refuses what it does not know instead of dropping it', () => {
    const unknownKind = envelope('example.com/v1', 'Thing', []);
    expect(() => decodeProtobuf(unknownKind)).toThrow(/does not read example.com\/v1\/Thing in protobuf/);
    const volumes = envelope('v1', 'Pod', [[2, [[1, [[1, 'volume']]]]]]);
    expect(() => decodeProtobuf(volumes)).toThrow(expect.objectContaining({ code: 415 }));
  });

  it('refuses broken bytes with 400', () => {
    expect(() => decodeProtobuf(Buffer.from('{"kind":"x"}'))).toThrow(expect.objectContaining({ code: 400 }));
    const cut = envelope('v1', 'ConfigMap', [[1, [[1, 'name']]]]).slice(0, -2);
    expect(() => decodeProtobuf(cut)).toThrow(expect.objectContaining({ code: 400 }));
  });

  it('reads back every number and every text', () => {
    const field = fc.oneof(fc.integer(), fc.string());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), field)), (parts) => {
        const read = readFields(encode(parts)).map(({ number, value }) => [
          number,
          typeof value === 'number' ? value : Buffer.from(value).toString(),
        ]);
        expect(read).toEqual(
          parts.map(([number, value]) => [
            number,
            typeof value === 'string' ? Buffer.from(value).toString() : value,
          ]),
        );
      }),
    );
  });

  it('never hangs or crashes otherwise on noise', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(outcome(bytes)).toBe('fine');
      }),
    );
  });
});
