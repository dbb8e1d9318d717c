import { createVirtualClock, DAY, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createScalerDesk, type Hold, MOST_ZONES } from '../../src/scalers/desk.ts';

const hold = (name: string): Hold => ({
  namespace: 'ai',
  name,
  kind: 'Deployment',
  since: null,
  until: null,
  reason: 'Dirty',
  replicas: 3,
  message: null,
});

describe('the desk of the scalers', () => {
  it("replaces a cluster's report and leaves those of others alone", () => {
    const clock = createVirtualClock(1_000);
    const desk = createScalerDesk(clock);
    desk.report('red', [hold('a'), hold('b')]);
    desk.report('blue', [hold('c')]);
    clock.advance(MINUTE);
    desk.report('red', [hold('b')]);
    expect(desk.holds()).toEqual([
      { ...hold('b'), cluster: 'red', reportedAt: 1_000 + MINUTE },
      { ...hold('c'), cluster: 'blue', reportedAt: 1_000 },
    ]);
    desk.report('blue', []);
    expect(desk.holds().map(({ name }) => name)).toEqual(['b']);
  });

  it('drops what was not reported for more than 10 minutes', () => {
    const clock = createVirtualClock(0);
    const desk = createScalerDesk(clock);
    desk.report('red', [hold('a')]);
    clock.advance(10 * MINUTE);
    expect(desk.holds()).toHaveLength(1);
    clock.advance(1);
    expect(desk.holds()).toEqual([]);
  });

  it('keeps the zones of each cluster for a day, the newest of too many', () => {
    const clock = createVirtualClock(0);
    const desk = createScalerDesk(clock);
    desk.want('red', ['DE', 'FR']);
    clock.advance(DAY);
    desk.want('blue', ['FR', 'PL']);
    expect(desk.wanted()).toEqual(['DE', 'FR', 'PL']);
    clock.advance(1);
    expect(desk.wanted()).toEqual(['FR', 'PL']);
    desk.want(
      'blue',
      Array.from({ length: MOST_ZONES }, (_, index) => `Z${index}`),
    );
    expect(desk.wanted()).toHaveLength(MOST_ZONES);
    expect(desk.wanted()).not.toContain('PL');
  });
});
