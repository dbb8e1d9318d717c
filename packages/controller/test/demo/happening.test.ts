import { describe, expect, it } from 'vitest';
import { createObserver } from '../../src/demo/happening.ts';
import { placement } from '../api/fleet.ts';

const steady = placement('web');
const moving = placement('web', {
  state: 'Moving',
  decision: {
    ...placement('web').decision!,
    target: { blue: 0.75, red: 0.25 },
    gain: 0.321,
    text: 'The whole story.',
  },
});

describe('what happened', () => {
  it('tells nothing while nothing changes', () => {
    const observer = createObserver();
    expect(observer.look(0, steady, { blue: 2 })).toEqual([]);
    expect(observer.look(1, steady, { blue: 2 })).toEqual([]);
  });

  it('tells the intent of a move when it begins and the change when it rests, not what runs double between', () => {
    const observer = createObserver();
    observer.look(0, steady, { blue: 1, red: 3 });
    expect(observer.look(1, moving, { blue: 3, red: 3 })).toEqual([
      {
        at: 1,
        workload: 'batch/web',
        text: 'goes to blue 75 %, for 32 % less carbon',
        detail: 'The whole story.',
      },
    ]);
    expect(observer.look(2, moving, { blue: 3, red: 2 })).toEqual([]);
    expect(observer.look(3, steady, { blue: 3, red: 1 })).toEqual([
      { at: 3, workload: 'batch/web', text: '+2 blue, -2 red', detail: null },
    ]);
  });

  it('tells a refusal once, with its condition', () => {
    const observer = createObserver();
    const blocked = placement('web', {
      state: 'Blocked',
      reason: 'RealTime',
      conditions: [
        { type: 'Ready', status: 'False', reason: 'x', message: 'no', lastTransitionTime: '' },
        {
          type: 'Blocked',
          status: 'True',
          reason: 'RealTime',
          message: 'stays near its users',
          lastTransitionTime: '',
        },
      ],
    });
    expect(observer.look(0, blocked, {})).toEqual([
      {
        at: 0,
        workload: 'batch/web',
        text: 'left alone: RealTime',
        detail: 'RealTime: stays near its users',
      },
    ]);
    expect(observer.look(1, blocked, {})).toEqual([]);
  });

  it('tells when a Job knows its hour, and when it starts', () => {
    const observer = createObserver();
    const dispatch = {
      job: 'u1',
      latestStart: '2026-06-01T06:00:00Z',
      plannedStart: null,
      policy: null,
      cluster: null,
      dispatchedAt: null,
      lateSeconds: 0,
    };
    const texts = (more: Partial<typeof steady>) =>
      observer.look(0, placement('night', more), {}).map(({ text }) => text);
    expect(texts({ state: 'Waiting', dispatch })).toEqual([]);
    const planned = { ...dispatch, plannedStart: '2026-06-01T03:00:00Z' };
    expect(texts({ state: 'Waiting', dispatch: planned })).toEqual(['waits for a clean hour']);
    expect(texts({ state: 'Waiting', dispatch: planned })).toEqual([]);
    const started = { ...dispatch, cluster: 'blue', dispatchedAt: '2026-06-01T03:00:00Z' };
    expect(texts({ state: 'Dispatched', dispatch: started })).toEqual(['starts in blue']);
  });

  it('tells changes that no move of ours explains', () => {
    const observer = createObserver();
    observer.look(0, steady, { blue: 2, red: 2 });
    expect(observer.look(1, steady, { blue: 2 }).map(({ text }) => text)).toEqual(['-2 red']);
  });
});
