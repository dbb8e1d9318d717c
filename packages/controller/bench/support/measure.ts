/** CPU seconds that some work takes: on a busy machine the clock on the wall measures the others. */
export async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Memory that is still in use after a collection; only `--expose-gc` makes it exact. */
export function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const AT_ONCE = 16;

/** Works on so many things, some at once. */
export async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
    for (let index = lane; index < count; index += AT_ONCE) await work(index);
  });
  await Promise.all(lanes);
}
