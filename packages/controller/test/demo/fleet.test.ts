import { createLocationResolver } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { clusterMembers, demoClusters, demoWorkloads } from '../../src/demo/fleet.ts';
import { karmadaManifests, ocmManifests } from '../../src/demo/manifests.ts';
import { demoZones } from '../../src/demo/world.ts';

const resolver = createLocationResolver();

describe('the demo fleet', () => {
  it('has seven clusters in zones of their own, four of them in the EU', () => {
    const zones = demoZones();
    expect(new Set(zones.values()).size).toBe(7);
    for (const { name, location, eu } of demoClusters) {
      const zone = zones.get(name) ?? '';
      expect(resolver.inside({ location, zone }, ['EU'])).toBe(eu);
    }
    expect(demoClusters.filter(({ eu }) => eu)).toHaveLength(4);
    expect(clusterMembers().map(({ annotations }) => annotations?.['windvane.dev/location'])).toEqual(
      demoClusters.map(({ location }) => location),
    );
  });

  it('keeps one workload to clusters in EU member states, by its own policy', () => {
    const kept = demoWorkloads.filter(({ annotations }) => annotations['windvane.dev/locations'] === 'EU');
    expect(kept).toHaveLength(1);
    const eu = demoClusters.filter((cluster) => cluster.eu).map(({ name }) => name);
    expect(kept[0]?.clusters).toEqual(eu);
    expect(eu.length).toBeGreaterThanOrEqual(3);
  });

  it('has one workload of every kind that is to be seen', () => {
    expect(demoWorkloads).toHaveLength(7);
    expect(demoWorkloads.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
    expect(demoWorkloads.filter(({ kind }) => kind === 'Placement')).toHaveLength(1);
    const by = (key: string, value: string): number =>
      demoWorkloads.filter(({ annotations }) => annotations[`windvane.dev/${key}`] === value).length;
    expect(by('placement', 'observe')).toBe(1);
    expect(by('latency-class', 'realtime')).toBe(1);
    expect(
      demoWorkloads.filter(
        ({ served, annotations }) => served && annotations['windvane.dev/latency-class'] === undefined,
      ),
    ).toHaveLength(1);
  });

  it('applies every object under a name of its own, policies last', () => {
    for (const manifests of [karmadaManifests(), ocmManifests()]) {
      const keys = manifests.map(
        ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
      );
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(
      karmadaManifests()
        .slice(-5)
        .every(({ kind }) => kind === 'PropagationPolicy'),
    ).toBe(true);
  });
});
