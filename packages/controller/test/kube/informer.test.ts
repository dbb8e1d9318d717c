import { createVirtualClock, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeApi, WatchBookmark, WatchEvent } from '../../src/kube/api.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { createInformer, type InformerTransition } from '../../src/kube/informer.ts';
import type { KubeObject, ResourceType } from '../../src/kube/resource.ts';

const POD: ResourceType = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
const pod = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { namespace: 'a', name, resourceVersion, uid },
});
type Event = WatchEvent | WatchBookmark;

/** An API whose lists and watches do what a test says. */
function fakeApi() {
  const state = {
    items: [pod('x', '1')] as KubeObject[],
    version: '1',
    listError: null as KubeError | null,
    lists: 0,
    watchedFrom: [] as string[],
  };
  let deliver: ((event: Event | Error | null) => void) | null = null;
  const api: Pick<KubeApi, 'list' | 'watch'> = {
    list() {
      state.lists += 1;
      if (state.listError !== null) return Promise.reject(state.listError);
      return Promise.resolve({ items: state.items, resourceVersion: state.version });
    },
    async *watch(_type, { resourceVersion, signal }) {
      state.watchedFrom.push(resourceVersion);
      const pending: (Event | Error | null)[] = [];
      let wake = (): void => {};
      deliver = (event) => {
        pending.push(event);
        wake();
      };
      signal.addEventListener('abort', () => wake());
      for (;;) {
        const next = pending.shift();
        if (signal.aborted) throw new KubeError('aborted', 'aborted');
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (next === null) return;
        else if (next instanceof Error) throw next;
        else yield next;
      }
    },
  };
  return { api, state, send: (event: Event | Error | null) => deliver?.(event) };
}

const turns = async (): Promise<void> => {
  for (let count = 0; count < 10; count += 1) await new Promise((resolve) => setImmediate(resolve));
};

async function running() {
  const fake = fakeApi();
  const clock = createVirtualClock(0);
  const transitions: InformerTransition[] = [];
  const changes: [string | null, string | null][] = [];
  const informer = createInformer({
    api: fake.api,
    type: POD,
    changed: (now, before) =>
      changes.push([now?.metadata.resourceVersion ?? null, before?.metadata.resourceVersion ?? null]),
    transition: (name) => transitions.push(name),
    clock,
    random: () => 0.5,
    relistEvery: 10 * MINUTE,
    silence: 5 * MINUTE,
    backoffBase: 1000,
  });
  await informer.start();
  await turns();
  return { ...fake, clock, transitions, changes, informer };
}

describe('createInformer', () => {
  it('lists, then watches from the version of the list', async () => {
    const { informer, state, changes, send } = await running();
    expect(state.watchedFrom).toEqual(['1']);
    send({ type: 'ADDED', object: pod('y', '2') });
    send({ type: 'MODIFIED', object: pod('x', '3') });
    send({ type: 'DELETED', object: pod('y', '4') });
    await turns();
    expect([...informer.objects.values()].map(({ metadata }) => metadata.name)).toEqual(['x']);
    expect(changes).toEqual([
      ['1', null],
      ['2', null],
      ['3', '1'],
      [null, '2'],
    ]);
    await informer.stop();
  });

  it('rejects the start when the first list fails', async () => {
    const { api, state } = fakeApi();
    state.listError = new KubeError('unreachable', 'down');
    const informer = createInformer({ api, type: POD, changed: () => {} });
    await expect(informer.start()).rejects.toThrow('down');
    await informer.stop();
  });

  it('goes on from the last bookmark when the server closes the watch', async () => {
    const { state, send, clock, informer } = await running();
    send({ type: 'BOOKMARK', resourceVersion: '77' });
    await turns();
    clock.advance(2000);
    send(null);
    await turns();
    expect(state.watchedFrom).toEqual(['1', '77']);
    expect(state.lists).toBe(1);
    await informer.stop();
  });

  it('lists again at once when its version is too old', async () => {
    const { state, send, informer, transitions } = await running();
    state.items = [pod('z', '90')];
    state.version = '90';
    send(new KubeError('gone', 'too old'));
    await turns();
    expect(transitions).toEqual(['watch-expired', 'relisted']);
    expect(state.watchedFrom).toEqual(['1', '90']);
    expect([...informer.objects.values()].map(({ metadata }) => metadata.name)).toEqual(['z']);
    await informer.stop();
  });

  it('comes back by itself after a lost connection, with growing pauses, and says so', async () => {
    const { state, send, informer, transitions, clock } = await running();
    state.listError = new KubeError('unreachable', 'down');
    send(new KubeError('unreachable', 'reset'));
    await turns();
    expect(informer.connected()).toBe(false);
    expect(informer.problem()?.message).toBe('reset');
    clock.advance(1000);
    await turns();
    clock.advance(1999);
    await turns();
    expect(state.lists).toBe(2);
    clock.advance(1);
    await turns();
    expect(state.lists).toBe(3);
    state.listError = null;
    clock.advance(4000);
    await turns();
    expect(informer.connected()).toBe(true);
    expect(transitions).toEqual(['watch-failed', 'list-failed', 'list-failed', 'relisted', 'recovered']);
    await informer.stop();
  });

  it('takes a silent watch for dead', async () => {
    const { state, clock, informer, transitions, send } = await running();
    clock.advance(4 * MINUTE);
    send({ type: 'BOOKMARK', resourceVersion: '2' });
    await turns();
    clock.advance(4 * MINUTE);
    await turns();
    expect(state.lists).toBe(1);
    clock.advance(MINUTE);
    await turns();
    expect(state.lists).toBe(2);
    expect(transitions).toEqual(['watch-silent', 'relisted']);
    await informer.stop();
  });

  it('lists anew from time to time, and finds what no event told', async () => {
    const { state, clock, informer, send, changes } = await running();
    state.items = [];
    for (let minute = 0; minute < 10; minute += 1) {
      clock.advance(MINUTE);
      send({ type: 'BOOKMARK', resourceVersion: '5' });
      await turns();
    }
    expect(state.lists).toBe(2);
    expect(informer.objects.size).toBe(0);
    expect(changes.at(-1)).toEqual([null, '1']);
    await informer.stop();
  });

  it('believes an own write at once, and no older event after it', async () => {
    const { send, informer } = await running();
    informer.assume(pod('x', '10'));
    send({ type: 'MODIFIED', object: pod('x', '9') });
    await turns();
    expect(informer.objects.get('a/x')?.metadata.resourceVersion).toBe('10');
    // Made anew under the same name: another object, whatever its version.
    send({ type: 'MODIFIED', object: pod('x', '5', 'other') });
    await turns();
    expect(informer.objects.get('a/x')?.metadata.uid).toBe('other');
    await informer.stop();
  });

  it('ends without an error', async () => {
    const { informer, transitions } = await running();
    await informer.stop();
    expect(transitions).toEqual([]);
  });
});
