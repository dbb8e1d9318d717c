import { readFileSync } from 'node:fs';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { expect, it } from 'vitest';
import { testApi } from './client.ts';

const committed = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');

it('serves the committed schema, and introspection passes the limits', async () => {
  const api = await testApi();
  const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(getIntrospectionQuery())}`);
  const body: { data: IntrospectionQuery; errors?: unknown } = await response.json();
  expect(body.errors).toBeUndefined();
  const served = buildClientSchema(body.data);
  const print = (schema: Parameters<typeof printSchema>[0]): string =>
    printSchema(lexicographicSortSchema(schema));
  expect(print(served)).toBe(print(buildSchema(committed)));
});

it('offers the queries of the design', () => {
  const fields = Object.keys(buildSchema(committed).getQueryType()?.getFields() ?? {});
  expect(fields.toSorted()).toEqual([
    'carbonMap',
    'cleanest',
    'clusters',
    'holds',
    'location',
    'placement',
    'placements',
    'scalerView',
    'status',
  ]);
});
