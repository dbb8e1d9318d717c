import {
  type ClusterSide,
  type ClusterSideOptions,
  startClusterSide,
} from '../../src/cluster/cluster-side.ts';
import { createScaledWatch } from '../../src/watch/watch.ts';

/** A cluster's side with a watch of its own, which ends with it. */
export async function startSide(options: Omit<ClusterSideOptions, 'scaled'>): Promise<ClusterSide> {
  const { api, clock, log } = options;
  const failed = (error: unknown): void => log.warn({ err: error }, 'watching failed');
  const scaled = createScaledWatch({ api, clock, failed });
  await scaled.start();
  const side = await startClusterSide({ ...options, scaled });
  return {
    ...side,
    async stop() {
      await side.stop();
      await scaled.stop();
    },
  };
}
