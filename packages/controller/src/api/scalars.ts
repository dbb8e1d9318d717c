import { parseInstant } from '@windvane/carbon-map';
import { GraphQLScalarType } from 'graphql';
import { formatDuration, parseDuration } from '../config/duration.ts';
import { badInput } from './errors.ts';

function readInstant(value: unknown): number {
  const instant = typeof value === 'string' ? parseInstant(value) : null;
  if (instant !== null) return instant;
  throw badInput(
    `${JSON.stringify(value)} is not an instant: write RFC 3339, for example 2026-06-01T12:00:00Z`,
  );
}

function readDuration(value: unknown): number {
  const length = typeof value === 'string' ? parseDuration(value) : null;
  if (length !== null) return length;
  throw badInput(`${JSON.stringify(value)} is not a duration: write for example 90m, 2h or 1d`);
}

/** RFC 3339 outside, milliseconds since the epoch inside; text that already is RFC 3339 passes. */
export const instantScalar: GraphQLScalarType = new GraphQLScalarType({
  name: 'Instant',
  description: 'A point in time, RFC 3339 in UTC, for example `2026-06-01T12:00:00Z`.',
  serialize: (value) => (typeof value === 'number' ? new Date(value).toISOString() : value),
  parseValue: readInstant,
});

/** `90m` outside, milliseconds inside; text that already is a duration passes. */
export const durationScalar: GraphQLScalarType = new GraphQLScalarType({
  name: 'Duration',
  description: 'A length of time, for example `90m`, `2h` or `1d`.',
  serialize: (value) => (typeof value === 'number' ? formatDuration(value) : value),
  parseValue: readDuration,
});

/** Output only: no input takes free JSON. */
export const jsonScalar: GraphQLScalarType = new GraphQLScalarType({
  name: 'JSON',
  description:
    'A JSON value whose shape depends on the plane or the field, for example shares by cluster name.',
  serialize: (value) => value,
});
