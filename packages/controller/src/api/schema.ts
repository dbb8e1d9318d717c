import { readFileSync } from 'node:fs';
import { createSchema, type GraphQLSchemaWithContext, type YogaInitialContext } from 'graphql-yoga';
import { callerError } from './errors.ts';
import { clusterFields, fleetQueries } from './fleet-queries.ts';
import type { FleetView } from './fleet-view.ts';
import { mapQueries, zoneFields } from './map-queries.ts';
import type { Caller } from './roles.ts';
import { durationScalar, instantScalar, jsonScalar } from './scalars.ts';
import { holdQueries, placementFields, scalerMutations, scalerQueries } from './scaler-queries.ts';

/** What every resolver is handed. */
export interface ApiContext {
  readonly fleet: FleetView;
  readonly caller: Caller;
}

type Resolver = (source: unknown, args: never, context: ApiContext) => unknown;

/** The schema as committed, with its resolvers. */
export function apiSchema(): GraphQLSchemaWithContext<ApiContext & YogaInitialContext> {
  return createSchema<ApiContext & YogaInitialContext>({
    typeDefs: readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'),
    resolvers: {
      Query: { ...mapQueries, ...scalerQueries, ...forReaders({ ...fleetQueries, ...holdQueries }) },
      Mutation: scalerMutations,
      Placement: placementFields,
      Zone: zoneFields,
      Cluster: clusterFields,
      // A GraphQL name holds no hyphen; the value is that of the status.
      MoveResult: { rolled_back: 'rolled-back' },
      Instant: instantScalar,
      Duration: durationScalar,
      JSON: jsonScalar,
    },
  });
}

/** A scaler's token opens its own view and the map, not what is placed in other clusters. */
function forReaders(resolvers: Readonly<Record<string, Resolver>>): Record<string, Resolver> {
  return Object.fromEntries(
    Object.entries(resolvers).map(([field, resolve]): [string, Resolver] => [
      field,
      (source, args, context) => {
        if (context.caller.role !== 'scaler') return resolve(source, args, context);
        throw callerError(
          `a scaler token may not read ${field}: use a token with the role reader`,
          'FORBIDDEN',
        );
      },
    ]),
  );
}
