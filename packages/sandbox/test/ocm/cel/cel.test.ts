import { describe, expect, it } from 'vitest';
import { createClusterCel } from '../../../src/ocm/cel/cluster.ts';
import { createCompiler, createEnvironment } from '../../../src/ocm/cel/environment.ts';
import { MisconfiguredError } from '../../../src/ocm/scheduler/misconfigured.ts';
import type { AddOnPlacementScore } from '../../../src/ocm/types.ts';
import { createStore } from '../../../src/runtime/client/store.ts';
import { cluster, scoreObject } from '../support/clusters.ts';

const compile = createCompiler(createEnvironment());
const value = (expression: string): unknown => compile(expression)({});

describe('the shared environment', () => {
  it.each([
    ['semver("1.30.0").isLessThan(semver("1.31.0"))', true],
    ['semver("1.31.0").isGreaterThan(semver("1.31.0-rc.1"))', true],
    ['semver("1.31.0-rc.2").compareTo(semver("1.31.0-rc.10"))', -1n],
    ['semver("1.31.0-1").isLessThan(semver("1.31.0-alpha"))', true],
    ['semver("1.31.0+build").compareTo(semver("1.31.0"))', 0n],
    ['semver("v1.31", true).minor()', 31n],
    ['isSemver("v1.31.0")', false],
    ['isSemver("v1.31.0", true)', true],
    ['isSemver("1.031.0")', false],
    ['quantity("4").isGreaterThan(quantity("3900m"))', true],
    ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0n],
    ['quantity("1Gi").isLessThan(quantity("1G"))', false],
    ['quantity("5").add(quantity("2")).sub(1).asInteger()', 6n],
    ['quantity("500m").asApproximateFloat()', 0.5],
    ['isQuantity("lots")', false],
    ['[1, 2, 2].isSorted() && !["b", "a"].isSorted()', true],
    ['[1, 2, 3].sum() == 6 && [3, 1, 2].min() == 1 && [3, 1, 2].max() == 3', true],
    ['[7, 8, 7].indexOf(7) == 0 && [7, 8, 7].lastIndexOf(7) == 2', true],
    ['"region-12-zone-3".find("[0-9]+")', '12'],
    ['"region-12-zone-3".findAll("[0-9]+", 1)', ['12']],
    ['"abc".charAt(1) + "a-b".replace("-", "+")', 'ba+b'],
    ['{"a": 1}[?"b"].orValue(2)', 2n],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  it('does not know what is not imitated', () => {
    expect(() => compile('ip("10.0.0.1").family() == 4')).toThrow('ip');
  });
});

describe('CEL selectors', () => {
  const scores = createStore<AddOnPlacementScore>();
  scores.set(scoreObject('c1', 'load', { cpu: 30 }));
  const compileSelector = createClusterCel(scores);
  const c1 = cluster('c1', {
    labels: { version: '1.30.0', facts: '{"gpus": 4}' },
    status: { clusterClaims: [{ name: 'id.k8s.io', value: 'one' }], allocatable: { cpu: 8 } },
  });
  const matches = (...expressions: readonly string[]): boolean => compileSelector(expressions)(c1);

  it.each([
    ['metadata', 'managedCluster.metadata.name == "c1"', true],
    ['labels', 'managedCluster.metadata.labels["version"] == "1.30.0"', true],
    [
      'a label that is missing: the expression fails',
      'managedCluster.metadata.labels["env"] == "prod"',
      false,
    ],
    ['claims', 'managedCluster.status.clusterClaims.exists(c, c.name == "id.k8s.io")', true],
    ['quantities, which are text', 'managedCluster.status.allocatable["cpu"] == "8"', true],
    ['a field that Go always writes', 'managedCluster.status.conditions == null', true],
    ['scores', 'managedCluster.scores("load").exists(s, s.name == "cpu" && s.value < 50)', true],
    ['scores that are missing: the expression fails', 'managedCluster.scores("none").size() == 0', false],
    ['JSON in a label', 'managedCluster.metadata.labels["facts"].parseJSON().gpus == 4', true],
    ['an answer that is no truth value', 'managedCluster.metadata.name', false],
  ])('by %s', (_name, expression, expected) => {
    expect(matches(expression)).toBe(expected);
  });

  it('have to hold all', () => {
    expect(matches('true', 'managedCluster.metadata.name == "c1"')).toBe(true);
    expect(matches('true', 'managedCluster.metadata.name == "c2"')).toBe(false);
  });

  it.each(['managedCluster.metadata.name ==', 'invalid.expression', '1 + "a" == "b"'])(
    'that do not compile are refused: %s',
    (expression) => {
      expect(() => compileSelector(['true', expression])).toThrow(MisconfiguredError);
    },
  );

  it('read scores anew each time', () => {
    const low = compileSelector(['managedCluster.scores("load").exists(s, s.value < 50)']);
    expect(low(c1)).toBe(true);
    scores.set(scoreObject('c1', 'load', { cpu: 70 }));
    expect(low(c1)).toBe(false);
  });
});
