import { type DefinitionInput, definition as describe } from '../../runtime/crds/definition.ts';

/** A CustomResourceDefinition as Karmada writes its own: all in one category, none without a spec. */
export function definition(input: DefinitionInput): string {
  return describe({ ...input, categories: ['karmada-io'], required: ['spec'] });
}
