import { z } from 'zod';
import { UserError } from '../config/user-error.ts';

/** What scalers in the member clusters told a running controller. */
export interface HoldFinding {
  /** Workloads that are held now; null when no controller could be asked. */
  readonly held: number | null;
  /** Held for good: a target that the grid there never reaches. */
  readonly neverReached: readonly { readonly workload: string; readonly message: string }[];
  /** Why no controller could be asked. */
  readonly unknown: string | null;
}

/** A running controller. */
export interface AskedController {
  /** Throws UserError when there is no answer. */
  ask<T>(query: string, variables: Readonly<Record<string, unknown>>, shape: z.ZodType<T>): Promise<T>;
}

const QUERY = '{ holds { cluster namespace name kind reason message } }';
const shape = z.object({
  holds: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string(),
      name: z.string(),
      kind: z.string(),
      reason: z.string(),
      message: z.string().nullable(),
    }),
  ),
});

/** Holds live in the memory of the controller that serves: nobody else knows them. */
export async function examineHolds(controller: AskedController): Promise<HoldFinding> {
  try {
    const { holds } = await controller.ask(QUERY, {}, shape);
    const neverReached = holds
      .filter(({ reason }) => reason === 'TargetNeverReached')
      .map(({ cluster, namespace, name, kind, message }) => ({
        workload: `${kind} ${namespace}/${name} in cluster ${cluster}`,
        message: message ?? 'its targetValue is never reached there: write a higher one, or a percentile',
      }));
    return { held: holds.length, neverReached, unknown: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { held: null, neverReached: [], unknown: error.message };
  }
}

/** One line each, with the remedy. */
export function holdProblems({ neverReached }: HoldFinding): readonly string[] {
  return neverReached.map(({ workload, message }) => `held for ever: ${workload}: ${message}`);
}
