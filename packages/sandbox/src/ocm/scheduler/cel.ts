import type { Store } from '../../runtime/client/store.ts';
import type { AddOnPlacementScore } from '../types.ts';
import { MisconfiguredError } from './misconfigured.ts';
import type { CelCompiler } from './selector.ts';

export function createCel(_scores: Store<AddOnPlacementScore>): { readonly compile: CelCompiler } {
  return {
    compile(expressions) {
      throw new MisconfiguredError('Predicate', `compilation failed: no CEL for ${expressions.join(', ')}`);
    },
  };
}
