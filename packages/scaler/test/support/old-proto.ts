import { BinaryReader } from '@bufbuild/protobuf/wire';
import type { GetMetricSpecResponse, GetMetricsResponse } from '../../src/grpc/generated/externalscaler.ts';

/** Name (field 1) and whole number (field 2) of each entry of a list in field 1; later fields are unknown and skipped. */
function entries(bytes: Uint8Array): { name: string; value: number }[] {
  const reader = new BinaryReader(bytes);
  const found: { name: string; value: number }[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field !== 1) {
      reader.skip(wire);
      continue;
    }
    const entry = { name: '', value: 0 };
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      const [inner, innerWire] = reader.tag();
      if (inner === 1) entry.name = reader.string();
      else if (inner === 2) entry.value = Number(reader.int64());
      else reader.skip(innerWire);
    }
    found.push(entry);
  }
  return found;
}

/** GetMetricSpecResponse as KEDA before 2.17 reads it. */
export function oldSpecs(bytes: Uint8Array): GetMetricSpecResponse {
  const metricSpecs = entries(bytes).map(({ name, value }) => ({
    metricName: name,
    targetSize: value,
    targetSizeFloat: 0,
  }));
  return { metricSpecs };
}

/** GetMetricsResponse as KEDA before 2.17 reads it. */
export function oldMetrics(bytes: Uint8Array): GetMetricsResponse {
  const metricValues = entries(bytes).map(({ name, value }) => ({
    metricName: name,
    metricValue: value,
    metricValueFloat: 0,
  }));
  return { metricValues };
}
