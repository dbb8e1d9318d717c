import * as fc from 'fast-check';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { costLimit } from '../../src/api/limits.ts';
import { testApi } from './client.ts';

const schema = buildSchema('type Query { q: Query a: Int }');
const check = (query: string): readonly string[] =>
  validate(schema, parse(query), [costLimit()]).map((error) => error.message);
const nest = (depth: number): string => `${'{ q '.repeat(depth - 1)}{ a }${' }'.repeat(depth - 1)}`;

describe('query limits', () => {
  it('passes ten levels and refuses eleven', () => {
    expect(check(nest(10))).toEqual([]);
    expect(check(nest(11))).toEqual(['the query is too large: its depth is over the limit of 10; split it']);
  });

  it('passes twenty aliases and refuses more', () => {
    const aliases = (count: number): string =>
      `{ ${Array.from({ length: count }, (_, i) => `x${i}: a`).join(' ')} }`;
    expect(check(aliases(20))).toEqual([]);
    expect(check(aliases(21))[0]).toContain('number of aliases');
  });

  it('counts what fragments spread out to', () => {
    const inside = Array.from({ length: 5 }, () => 'q { a }').join(' ');
    const spreads = Array.from({ length: 60 }, () => '...F').join(' ');
    expect(check(`{ ${spreads} } fragment F on Query { ${inside} }`)[0]).toContain('number of fields');
    expect(check(`{ ...F } fragment F on Query { ${inside} }`)).toEqual([]);
  });

  it('stops at fragments that double at every level', () => {
    const levels = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { ${i === 59 ? 'a' : `q { ...F${i + 1} } q { ...F${i + 1} }`} }`,
    );
    expect(check(`{ ...F0 } ${levels.join(' ')}`)).toHaveLength(1);
  });

  it('ends on fragments that form a cycle', () => {
    expect(check('{ ...A } fragment A on Query { q { ...B } } fragment B on Query { q { ...A } }')).toEqual(
      [],
    );
  });

  it('follows the depth through fragments', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (depth) => {
        const direct = check(nest(depth)).length;
        const split = check(`{ ...F } fragment F on Query ${nest(depth)}`).length;
        expect(split).toBe(direct);
        expect(direct).toBe(depth > 10 ? 1 : 0);
      }),
    );
  });

  it('answers a request that is too large with its code', async () => {
    const api = await testApi();
    const { errors } = await api.ask(
      `{ ${Array.from({ length: 30 }, (_, i) => `s${i}: status { mode }`).join(' ')} }`,
    );
    expect(errors?.[0]?.extensions?.['code']).toBe('QUERY_TOO_LARGE');
  });
});
