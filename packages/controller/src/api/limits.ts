import {
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { callerError } from './errors.ts';

/** The deepest nesting of fields that an answer of this API needs is 5. */
const MAX_DEPTH = 10;
const MAX_ALIASES = 20;
/** Fields after fragments are spread out; a complete introspection has about 170. */
const MAX_FIELDS = 500;

interface Cost {
  depth: number;
  aliases: number;
  fields: number;
}

/**
 * Refuses documents that cost more than any honest question: by depth, by aliases and by fields, each counted per
 * operation with fragments spread out. Introspection may be deep, but its fields count like all others.
 */
export function costLimit(): ValidationRule {
  return (context: ValidationContext) => ({
    OperationDefinition: (operation) => {
      const cost: Cost = { depth: 0, aliases: 0, fields: 0 };
      measure(operation.selectionSet, 1, false, new Set(), context, cost);
      const excess =
        over('depth', cost.depth, MAX_DEPTH) ??
        over('number of aliases', cost.aliases, MAX_ALIASES) ??
        over('number of fields', cost.fields, MAX_FIELDS);
      if (excess === null) return;
      context.reportError(callerError(`the query is too large: ${excess}; split it`, 'QUERY_TOO_LARGE'));
    },
  });
}

function over(name: string, value: number, limit: number): string | null {
  return value > limit ? `its ${name} is over the limit of ${limit}` : null;
}

function measure(
  set: SelectionSetNode,
  depth: number,
  introspecting: boolean,
  spread: ReadonlySet<string>,
  context: ValidationContext,
  cost: Cost,
): void {
  for (const selection of set.selections) {
    // Nothing more is learnt beyond the limit, and stopping here bounds fragments that double at every level.
    if (cost.fields > MAX_FIELDS) return;
    if (selection.kind === Kind.FIELD) {
      const inside = introspecting || selection.name.value.startsWith('__');
      cost.fields += 1;
      if (selection.alias !== undefined) cost.aliases += 1;
      if (!inside) cost.depth = Math.max(cost.depth, depth);
      if (selection.selectionSet !== undefined) {
        measure(selection.selectionSet, depth + 1, inside, spread, context, cost);
      }
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      measure(selection.selectionSet, depth, introspecting, spread, context, cost);
    } else {
      const name = selection.name.value;
      const fragment: FragmentDefinitionNode | null | undefined = context.getFragment(name);
      // A cycle is another rule's error; it only must not keep this one running.
      if (fragment === null || fragment === undefined || spread.has(name)) continue;
      cost.fields += 1;
      measure(fragment.selectionSet, depth, introspecting, new Set([...spread, name]), context, cost);
    }
  }
}
