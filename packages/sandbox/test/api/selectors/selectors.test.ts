import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { parseFieldSelector, selectedName } from '../../../src/api/selectors/field.ts';
import { parseLabelSelector } from '../../../src/api/selectors/label.ts';

const labelled = (labels?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n', ...(labels === undefined ? {} : { labels }) },
  spec: { colour: 'red', size: 3, on: true },
});

describe('label selectors', () => {
  it.each([
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a = b', { a: 'b' }, true],
    ['a=', { a: '' }, true],
    ['a==b,c!=d', { a: 'b' }, true],
    ['a==b,c!=d', { a: 'b', c: 'd' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a in (b),d', { a: 'b' }, false],
    ['a notin (b,c)', {}, true],
    ['a notin (b,c)', { a: 'b' }, false],
    ['!a', {}, true],
    ['! a', { a: 'x' }, false],
    ['example.com/a', { 'example.com/a': '' }, true],
    ['a>5', { a: '6' }, true],
    ['a>5', { a: '5' }, false],
    ['a<5', { a: 'x' }, false],
    ['a<5', {}, false],
    ['constructor', {}, false],
  ])('%j on %j is %s', (text, labels, expected) => {
    expect(parseLabelSelector(text)(labelled(labels))).toBe(expected);
  });

  it('takes an object without labels', () => {
    expect(parseLabelSelector('!a')(labelled())).toBe(true);
    expect(parseLabelSelector('a')(labelled())).toBe(false);
  });

  it.each(['a in b', 'a===b', 'in (a)', 'a b', '=a'])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 400 }));
  });

  it('splits every object between a requirement and its opposite', () => {
    const word = fc.constantFrom('x', 'y', 'z');
    const labels = fc.dictionary(word, word);
    fc.assert(
      fc.property(labels, word, fc.array(word, { minLength: 1 }), (own, key, values) => {
        const within = parseLabelSelector(`${key} in (${values.join(',')})`)(labelled(own));
        const without = parseLabelSelector(`${key} notin (${values.join(',')})`)(labelled(own));
        expect(within).toBe(!without);
        expect(parseLabelSelector(key)(labelled(own))).toBe(!parseLabelSelector(`!${key}`)(labelled(own)));
      }),
    );
  });
});

describe('field selectors', () => {
  const selectable = ['spec.colour', 'spec.size', 'spec.on', 'spec.absent'];

  it.each([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==a,metadata.namespace=n', true],
    ['metadata.name!=a', false],
    ['spec.colour=red', true],
    ['spec.size=3,spec.on=true', true],
    ['spec.absent=', true],
    ['spec.absent!=', false],
    ['spec.colour!=blue', true],
  ])('%j is %s', (text, expected) => {
    expect(parseFieldSelector(text, selectable)(labelled())).toBe(expected);
  });

  it('refuses fields that cannot be selected by, and what it cannot read', () => {
    expect(() => parseFieldSelector('spec.other=1', selectable)).toThrow(
      'field label not supported: spec.other',
    );
    expect(() => parseFieldSelector('nonsense', selectable)).toThrow(expect.objectContaining({ code: 400 }));
  });

  it('finds the one name that is asked for', () => {
    expect(selectedName('metadata.namespace=n,metadata.name=a')).toBe('a');
    expect(selectedName('metadata.name==a')).toBe('a');
    expect(selectedName('metadata.name!=a')).toBeUndefined();
  });
});
