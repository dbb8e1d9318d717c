import { MINUTE } from '@windvane/carbon-map';
import { afterEach, describe, expect, it } from 'vitest';
import { PLACEMENT } from '../../../src/planes/ocm/resources.ts';
import type { RecordedWrite } from '../karmada/support/recording.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const FRENCH = { DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 };

const ofScores = ({ kind, subresource }: RecordedWrite): boolean =>
  kind === 'AddOnPlacementScore' && subresource === 'status';
const ofCount = ({ kind, verb, body }: RecordedWrite): boolean =>
  kind === 'Placement' && verb === 'jsonPatch' && JSON.stringify(body).includes('/spec/numberOfClusters');

describe('a number that somebody puts back', () => {
  let world: OcmWorld;
  afterEach(() => world.stop());

  it.each([
    ['the old cluster is lowered', ofScores, 2],
    ['the number is lowered', ofCount, 2],
    ['the newcomer counts as chosen', ofScores, 3],
  ])(
    'in the moment in which %s, OCM having seen it, leaves the work where it runs',
    async (_, fits, nth) => {
      let left = Number.POSITIVE_INFINITY;
      let namespace = '';
      let putBack = 0;
      world = await startOcmWorld({
        async heard(write) {
          if (!fits(write)) return;
          left -= 1;
          if (left !== 0) return;
          const { spec } = await world.placement(namespace, 'train');
          putBack = spec.numberOfClusters;
          await world.user.mergePatch(
            PLACEMENT,
            { namespace, name: 'train' },
            { spec: { numberOfClusters: 1 } },
          );
          await world.ocm.settled();
        },
      });
      await world.wind(GERMAN);
      namespace = await world.train();
      world.ocm.setWorkPlan(() => ({ readyAfter: MINUTE }));
      left = nth;
      await world.wind(FRENCH);
      await world.advance(8 * MINUTE, MINUTE);
      expect(putBack).toBe(fits === ofScores && nth === 3 ? 1 : 2);
      const history = world.ocm.clusters.history(namespace, 'train');
      const first = history.findIndex(({ ready }) => ready.length > 0);
      expect(history.slice(first).every(({ ready }) => ready.length > 0)).toBe(true);
      expect(await world.decided(namespace, 'train')).toBe('paris');
      const { spec, metadata } = await world.placement(namespace, 'train');
      expect(spec.numberOfClusters).toBe(1);
      expect(metadata.annotations?.['windvane.dev/step']).toBeUndefined();
    },
    60_000,
  );
});
