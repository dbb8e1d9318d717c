export type { HourlyHistory } from '@windvane/controller/carbon';
export type { ScalerLog } from './app/log.ts';
export type { Scaler, ScalerParts } from './app/scaler.ts';
export { startScaler } from './app/scaler.ts';
export { METRIC_NAME } from './grpc/service.ts';
export type { Allowance, AllowanceReason, Question } from './policy/allowance.ts';
export { allowance } from './policy/allowance.ts';
export type { Decider, KnownTrigger, TriggerRef } from './policy/decider.ts';
export { createDecider, TICK } from './policy/decider.ts';
export type { Series } from './policy/series.ts';
export { seriesOf } from './policy/series.ts';
export type {
  Origin,
  ScaledFacts,
  ScalerSnapshot,
  WorkloadRef,
  WorkloadShare,
  ZoneOutlook,
} from './policy/snapshot.ts';
export type { OwnSource, OwnSourceOptions } from './source/own.ts';
export { createOwnSource } from './source/own.ts';
export type {
  MetadataProblem,
  OnMissingData,
  ParsedMetadata,
  TriggerOptions,
  TriggerRule,
} from './trigger/metadata.ts';
export { parseMetadata } from './trigger/parse.ts';
export type { Place } from './trigger/place.ts';
export { placeOf } from './trigger/place.ts';
