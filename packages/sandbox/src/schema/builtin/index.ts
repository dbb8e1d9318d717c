import type { StructuralSchema } from '../schema.ts';

/** Schemas of the built-in kinds, by `apiVersion/kind` (`v1/ConfigMap`, `apps/v1/Deployment`). */
export const builtinSchemas: Readonly<Record<string, StructuralSchema>> = {};
