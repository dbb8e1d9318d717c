import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { settled } from '../../src/demo/settle.ts';

describe('settling', () => {
  it('waits while anything is busy', async () => {
    let busy = true;
    let over = false;
    const wait = async (): Promise<void> => {
      await settled({ idle: () => !busy, version: () => 1 });
      over = true;
    };
    const waiting = wait();
    for (let i = 0; i < 100; i += 1) await turn();
    expect(over).toBe(false);
    busy = false;
    await waiting;
    expect(over).toBe(true);
  });

  it('waits until writes have ceased for a while, though nobody looks busy', async () => {
    let version = 0;
    let turns = 0;
    const writing = async (): Promise<void> => {
      // A write every few turns, as when one part's answer sets off another part.
      for (; turns < 200; turns += 1) {
        if (turns % 10 === 0) version += 1;
        await turn();
      }
    };
    const done = writing();
    await settled({ idle: () => true, version: () => version });
    expect(turns).toBeGreaterThan(190);
    await done;
  });

  it('comes to rest at once when all is quiet', async () => {
    await expect(settled({ idle: () => true, version: () => 0 })).resolves.toBeUndefined();
  });
});
