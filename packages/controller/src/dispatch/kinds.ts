import type { ResourceType } from '../kube/resource.ts';
import { JOB } from '../planes/karmada/resources.ts';

/** A kind of workload that runs once and ends, and where its objects say what dispatching has to know. */
export interface RunOnceKind {
  readonly type: ResourceType;
  /** Path to the pods that it runs at a time (`spec.parallelism`); 1 without one. */
  readonly parallelism: readonly string[] | null;
  /** Path to a pod template whose requests one pod asks for; null when there is none. */
  readonly podTemplate: readonly string[] | null;
  /** What one pod asks for where no template says; by resource (`cpu`, `memory`), as quantities. */
  readonly requests: Readonly<Record<string, string>>;
  /**
   * Path into the object to the word that tells its end, and the words that do. Null for conditions as those of Jobs:
   * Complete, Completed, Succeeded, Finished or Failed being True.
   */
  readonly finished: { readonly path: readonly string[]; readonly words: readonly string[] } | null;
}

/** Kubernetes' own Job; always dispatched. */
export const JOB_KIND: RunOnceKind = {
  type: JOB,
  parallelism: ['spec', 'parallelism'],
  podTemplate: ['spec', 'template'],
  requests: {},
  finished: null,
};
