import { LocationError } from '@windvane/carbon-map';
import type { GraphQLError } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';

/** An error that its caller shall read, with a code to act on. */
export function callerError(
  message: string,
  code: 'BAD_USER_INPUT' | 'FORBIDDEN' | 'QUERY_TOO_LARGE',
): GraphQLError {
  return createGraphQLError(message, { extensions: { code } });
}

/** An input that cannot be answered, in words for its author. */
export function badInput(message: string): GraphQLError {
  return callerError(message, 'BAD_USER_INPUT');
}

/** Runs what looks locations up and turns its errors into those of the API, with candidates. */
export function withLocationErrors<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof LocationError)) throw error;
    throw createGraphQLError(error.message, {
      extensions: {
        code: error.kind === 'unknown' ? 'UNKNOWN_LOCATION' : 'AMBIGUOUS_LOCATION',
        location: error.location,
        candidates: error.candidates,
      },
    });
  }
}

/**
 * What a caller sees of an error: errors that were made for callers as they are, all others as one sentence.
 * `report` gets every hidden one whole.
 */
export function maskError(error: unknown, report: (error: unknown) => void): Error {
  const known = isGraphQLError(error);
  if (known && madeForCallers(error)) return error;
  report(error);
  const shown = { extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  if (!known) return createGraphQLError('Unexpected error.', shown);
  return createGraphQLError('Unexpected error.', {
    ...shown,
    ...(error.nodes === undefined ? {} : { nodes: error.nodes }),
    ...(error.path === undefined ? {} : { path: error.path }),
  });
}

/** A resolver's unexpected throw is wrapped with the original inside; ours and the executor's own have none. */
function madeForCallers(error: GraphQLError): boolean {
  return (
    error.originalError === undefined || error.originalError === null || isGraphQLError(error.originalError)
  );
}

/** By name: a bundler or test runner may load graphql's ES and CommonJS forms side by side, as different classes. */
function isGraphQLError(error: unknown): error is GraphQLError {
  return error instanceof Error && error.name === 'GraphQLError';
}
