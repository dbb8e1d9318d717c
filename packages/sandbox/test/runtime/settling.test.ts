import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/index.ts';
import { type Hub, openHub } from '../../src/runtime/client/hub.ts';
import type { Resource } from '../../src/runtime/client/resource.ts';
import { createSettling } from '../../src/runtime/settling.ts';
import { type Api, CONFIG_MAP, openApi } from './support/api.ts';

const SECRET: Resource = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const map = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});

describe('settling', () => {
  let sandbox: Sandbox;
  let hub: Hub;
  let api: Api;
  beforeEach(async () => {
    sandbox = await startSandbox();
    hub = await openHub(sandbox.kubeconfig());
    api = await openApi(sandbox.kubeconfig());
    await hub.informer(SECRET);
  });
  afterEach(async () => {
    await hub.stop();
    api.close();
    await sandbox.stop();
  });

  const ways: [string, () => Parameters<typeof createSettling>[0]][] = [
    ['by the versions of each resource', () => ({ resourceVersion: sandbox.resourceVersion })],
    ['by one version and comparing', () => ({ resourceVersion: () => sandbox.resourceVersion() })],
    ['by comparing alone', () => ({})],
  ];

  it.each(ways)('waits for what others wrote, %s', async (_name, versions) => {
    const { store } = await hub.informer(CONFIG_MAP);
    const settling = createSettling(versions(), hub, () => true);
    for (let index = 0; index < 20; index += 1) {
      await api.create(CONFIG_MAP, map(`m${index}`));
      await settling.settled();
      expect(store.get(`default/m${index}`)).toBeDefined();
      await api.remove(CONFIG_MAP, 'default', `m${index}`);
      await settling.settled();
      expect(store.get(`default/m${index}`)).toBeUndefined();
    }
  });

  it.each(ways)('waits for whoever is busy, %s', async (_name, versions) => {
    let quiet = false;
    const settling = createSettling(versions(), hub, () => quiet);
    expect(settling.idle()).toBe(false);
    let done = false;
    const waiting = (async () => {
      await settling.settled();
      done = true;
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    quiet = true;
    await waiting;
    expect(done).toBe(true);
  });
});
