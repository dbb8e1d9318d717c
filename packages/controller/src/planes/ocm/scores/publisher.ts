import type { Clock } from '@windvane/carbon-map';
import type { KubeObject } from '../../../kube/resource.ts';
import type { ScoreWrites } from '../../plane.ts';
import { publishedChange, publishedStatus, type ScoreScale } from './published.ts';
import type { ScoreObjects } from './score-objects.ts';

/** Publishes one score per cluster for hand-written Placements. */
export interface Publisher {
  /**
   * Brings one cluster's score up to date.
   * @param frozen then a score keeps its value and is renewed alone.
   */
  publish(cluster: string, gramsPerKwh: number | null, frozen: boolean): Promise<void>;
  writes(): ScoreWrites;
}

export function createPublisher(objects: ScoreObjects, scale: ScoreScale, clock: Clock): Publisher {
  let scores = 0;
  let renewals = 0;
  return {
    async publish(cluster, gramsPerKwh, frozen) {
      const now = clock.now();
      const wanted = (object: KubeObject | undefined) =>
        publishedChange(object, gramsPerKwh, scale, now, frozen);
      const first = wanted(objects.stored(cluster));
      if (first === null) return;
      await objects.write(cluster, (object) => {
        const change = wanted(object);
        return change === null ? null : publishedStatus(change);
      });
      if (first.kind === 'score') scores += 1;
      else renewals += 1;
    },
    writes: () => ({ scores, renewals }),
  };
}
