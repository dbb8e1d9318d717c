import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/kube/resource.ts';
import { createObjectIndex } from '../../../src/planes/shared/object-index.ts';

const object = (name: string, labels: Record<string, string>): KubeObject => ({
  metadata: { name, namespace: 'n', uid: `uid-${name}`, labels },
});
const byApp = () =>
  createObjectIndex(({ metadata }) => (metadata.labels?.['app'] ?? '').split(',').filter(Boolean));
const names = (objects: Iterable<KubeObject>): string[] =>
  [...objects].map(({ metadata }) => metadata.name).sort();

describe('createObjectIndex', () => {
  it('finds objects by each of their values', () => {
    const index = byApp();
    index.changed(object('a', { app: 'x,y' }), null);
    index.changed(object('b', { app: 'y' }), null);
    expect(names(index.of('x'))).toEqual(['a']);
    expect(names(index.of('y'))).toEqual(['a', 'b']);
    expect(names(index.of('z'))).toEqual([]);
  });

  it('follows an object to its new value and keeps only its newest form', () => {
    const index = byApp();
    const before = object('a', { app: 'x' });
    const now = object('a', { app: 'y' });
    index.changed(before, null);
    index.changed(now, before);
    expect(names(index.of('x'))).toEqual([]);
    expect([...index.of('y')]).toEqual([now]);
    const again = object('a', { app: 'y', other: '1' });
    index.changed(again, now);
    expect([...index.of('y')]).toEqual([again]);
  });

  it('forgets what is deleted and what lost its value', () => {
    const index = byApp();
    const [a, b] = [object('a', { app: 'x' }), object('b', { app: 'x' })];
    index.changed(a, null);
    index.changed(b, null);
    index.changed(null, a);
    index.changed(object('b', {}), b);
    expect(names(index.all())).toEqual([]);
  });

  it('keeps two objects of one name apart', () => {
    const index = byApp();
    index.changed(object('a', { app: 'x' }), null);
    index.changed(
      { metadata: { name: 'a', namespace: 'n', uid: 'of-another-kind', labels: { app: 'x' } } },
      null,
    );
    expect(names(index.of('x'))).toEqual(['a', 'a']);
  });
});
