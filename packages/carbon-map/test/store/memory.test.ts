import { describe } from 'vitest';
import { createMemoryStore, type MapStore } from '../../src/index.ts';
import { storeConformance } from './conformance.ts';

describe('memory store', () => {
  storeConformance(async () => {
    let store: MapStore | undefined;
    return {
      // Memory is one process by nature: every view is the same object.
      open: async (clock) => (store ??= createMemoryStore({ clock })),
      expireLease: async (clock, ttl) => clock.advance(ttl),
      close: async () => {},
    };
  });
});
