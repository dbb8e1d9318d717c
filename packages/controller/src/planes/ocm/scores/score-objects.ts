import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import { ADD_ON_PLACEMENT_SCORE } from '../resources.ts';

/** The AddOnPlacementScores of one name, one in the namespace of every cluster. */
export interface ScoreObjects {
  /** As last seen; undefined without one. */
  stored(cluster: string): KubeObject | undefined;
  /**
   * Writes the status of one of them on what stands there: `change` gets the object as it is and gives the new status,
   * or null for no change. Throws {@link KubeError}.
   */
  write(cluster: string, change: (object: KubeObject) => unknown): Promise<void>;
}

export interface ScoreObjectsOptions {
  readonly api: KubeApi;
  readonly name: string;
  readonly get: (key: string) => KubeObject | undefined;
  readonly assume: (object: KubeObject) => void;
  readonly forget: (object: KubeObject) => void;
}

const ATTEMPTS = 4;

/**
 * Scores live in the status alone, and an API server drops a status that comes with a new object: an object is made
 * empty first and filled then.
 */
export function createScoreObjects({ api, name, get, assume, forget }: ScoreObjectsOptions): ScoreObjects {
  const stored = (cluster: string): KubeObject | undefined => get(`${cluster}/${name}`);

  async function existing(cluster: string): Promise<KubeObject> {
    const known = stored(cluster);
    if (known !== undefined) return known;
    const metadata = { name, namespace: cluster };
    try {
      return await api.create(ADD_ON_PLACEMENT_SCORE, { metadata });
    } catch (error) {
      if (!isKubeError(error, 'already-exists')) throw error;
      return api.get(ADD_ON_PLACEMENT_SCORE, metadata);
    }
  }

  return {
    stored,
    async write(cluster, change) {
      for (let attempt = 1; ; attempt += 1) {
        const object = await existing(cluster);
        const status = change(object);
        if (status === null) return;
        try {
          assume(await api.replace(ADD_ON_PLACEMENT_SCORE, { ...object, status }, { subresource: 'status' }));
          return;
        } catch (error) {
          if (attempt === ATTEMPTS || !isKubeError(error, 'conflict', 'not-found')) throw error;
          if (isKubeError(error, 'not-found')) forget(object);
          else await refresh(object);
        }
      }
    },
  };

  async function refresh(object: KubeObject): Promise<void> {
    try {
      assume(await api.get(ADD_ON_PLACEMENT_SCORE, object.metadata));
    } catch (error) {
      if (!isKubeError(error, 'not-found')) throw error;
      forget(object);
    }
  }
}
