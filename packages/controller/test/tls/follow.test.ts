import { createVirtualClock, SECOND } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { follow } from '../../src/tls/follow.ts';

/** What is read, the last of it again and again; an Error is thrown. */
async function following(...reads: readonly (string | Error)[]) {
  const clock = createVirtualClock(0);
  const told: string[] = [];
  let at = 0;
  const followed = await follow({
    async load() {
      const read = reads[Math.min(at, reads.length - 1)];
      at += 1;
      if (read instanceof Error) throw read;
      return read ?? '';
    },
    same: (now, before) => now === before,
    clock,
    every: SECOND,
    replaced: (now) => told.push(now),
    refused: (reason) => told.push(`refused: ${reason}`),
  });
  const look = async (times: number): Promise<void> => {
    for (let done = 0; done < times; done += 1) {
      clock.advance(SECOND);
      await new Promise(setImmediate);
    }
  };
  return { followed, told, look, looks: () => at };
}

describe('files that are followed', () => {
  it('are told when they change, not when they are the same', async () => {
    const { followed, told, look } = await following('a', 'a', 'b', 'b');
    await look(1);
    expect([followed.current(), told]).toEqual(['a', []]);
    await look(2);
    expect([followed.current(), told]).toEqual(['b', ['b']]);
  });

  it('that cannot be used are told once, and what was there stays', async () => {
    const torn = new Error('torn');
    const { followed, told, look } = await following('a', torn, torn, 'a', torn, 'b');
    await look(3);
    expect([followed.current(), told]).toEqual(['a', ['refused: torn']]);
    await look(2);
    expect([followed.current(), told]).toEqual(['b', ['refused: torn', 'refused: torn', 'b']]);
  });

  it('that cannot be used at the start are the error of the start', async () => {
    await expect(following(new Error('not there'))).rejects.toThrow('not there');
  });

  it('are left alone after the end', async () => {
    const { followed, look, looks } = await following('a', 'b');
    followed.stop();
    await look(3);
    expect([followed.current(), looks()]).toEqual(['a', 1]);
  });
});
