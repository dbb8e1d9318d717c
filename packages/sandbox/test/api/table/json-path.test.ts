import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../../../src/api/table/json-path.ts';

const document = {
  metadata: { labels: { 'a.b/c': 'dotted', plain: 'yes' } },
  spec: { list: [{ name: 'x', n: 1 }, { name: 'y', n: 2 }, { n: 3 }], flag: false, none: null },
  status: {
    conditions: [
      { type: 'Synced', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
};

describe('JSONPath', () => {
  it.each([
    ['.spec.flag', [false]],
    ['spec.flag', [false]],
    ['$.spec.flag', [false]],
    ['{.spec.flag}', [false]],
    ['.spec.none', [null]],
    ['.spec.absent', []],
    ['.spec.absent.deeper', []],
    ['.metadata.labels.a\\.b/c', ['dotted']],
    [".metadata.labels['a.b/c']", ['dotted']],
    [".metadata.labels['a\\.b/c']", ['dotted']],
    ['.spec.list[0].name', ['x']],
    ['.spec.list[-1].n', [3]],
    ['.spec.list[9]', []],
    ['.spec.list[*].name', ['x', 'y']],
    ['.spec.list[1:].n', [2, 3]],
    ['.spec.list[0:2].n', [1, 2]],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type=='Ready')].status", ['True']],
    ['.status.conditions[?(@.type != "Ready")].status', ['False']],
    ['.spec.list[?(@.n>1)].n', [2, 3]],
    ['.spec.list[?(@.n<=1)].n', [1]],
    ['.spec.list[?(@.name)].n', [1, 2]],
    ['.spec.list[?(@.name>1)].n', []],
    ['..type', ['Synced', 'Ready']],
    ['.metadata.labels.*', ['dotted', 'yes']],
    ['.spec.constructor', []],
    ['.spec.list[', []],
    ['.spec.list[?(', []],
  ])('%s', (path, found) => {
    expect(compileJsonPath(path)(document)).toEqual(found);
  });
});
