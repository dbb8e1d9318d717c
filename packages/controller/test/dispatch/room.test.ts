import { HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createRoom } from '../../src/dispatch/room.ts';

const NOW = Date.parse('2026-03-01T10:20:00Z');
const at = (hours: number): number => NOW + hours * HOUR;
const requests = { cpuMillis: 1_000, memoryBytes: 100, pods: 1 };
const run = (from: number, until: number, cluster = 'a') => ({
  cluster,
  from: at(from),
  until: at(until),
  requests,
});

describe('room of the hours to come', () => {
  const free = { cpuMillis: 2_000, memoryBytes: 1_000, pods: 10 };

  it('holds what fits, and no more, in every hour that a run touches', () => {
    const room = createRoom(NOW, () => free);
    room.book(run(0, 2));
    room.book(run(1, 3));
    expect(room.fits(run(0, 1))).toBe(false);
    expect(room.fits(run(2, 3))).toBe(false);
    expect(room.fits(run(3, 4))).toBe(true);
    expect(room.fits(run(5, 6))).toBe(true);
    expect(room.fits(run(0, 6))).toBe(false);
  });

  it('counts every resource', () => {
    const room = createRoom(NOW, () => ({ cpuMillis: 10_000, memoryBytes: 150, pods: 2 }));
    expect(room.fits(run(0, 1))).toBe(true);
    room.book(run(0, 1));
    expect(room.fits(run(0, 1))).toBe(false);
    expect(room.fits({ ...run(0, 1), requests: { cpuMillis: 1, memoryBytes: 1, pods: 1 } })).toBe(true);
    expect(room.fits({ ...run(0, 1), requests: { cpuMillis: 1, memoryBytes: 1, pods: 2 } })).toBe(false);
  });

  it('gets back what a run gives at its end, for good', () => {
    const room = createRoom(NOW, () => ({ cpuMillis: 500, memoryBytes: 1_000, pods: 10 }));
    expect(room.fits(run(4, 5))).toBe(false);
    room.release(run(0, 2));
    expect(room.fits(run(1, 2))).toBe(false);
    expect(room.fits(run(3, 4))).toBe(true);
    expect(room.fits(run(300, 301))).toBe(true);
    room.book(run(300, 301));
    expect(room.fits(run(300, 301))).toBe(false);
    expect(room.fits(run(299, 300))).toBe(false);
    expect(room.fits(run(298, 299))).toBe(true);
  });

  it('knows no bound where a cluster does not tell what is free, and keeps clusters apart', () => {
    const room = createRoom(NOW, (cluster) => (cluster === 'a' ? free : null));
    for (let count = 0; count < 5; count += 1) room.book(run(0, 1, 'b'));
    expect(room.fits(run(0, 1, 'b'))).toBe(true);
    expect(room.fits(run(0, 1, 'a'))).toBe(true);
  });
});
