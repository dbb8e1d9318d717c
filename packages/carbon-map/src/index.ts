export type { LocationResolver, ResolvedLocation } from './location/location.ts';
export { LocationError } from './location/location.ts';
export type { CarbonMap, DataQuality, ZoneData, ZoneState } from './model/carbon-map.ts';
export { combinedQuality } from './model/carbon-map.ts';
export type {
  Basis,
  Forecast,
  ForecastPoint,
  Reading,
  Signal,
  SignalPair,
  ZoneCode,
} from './model/reading.ts';
export { GRAMS_PER_KWH_PER_POUND_PER_MWH, MAX_GRAMS_PER_KWH } from './model/reading.ts';
export type { Clock, Instant, Millis } from './model/time.ts';
export { DAY, HOUR, MINUTE, systemClock } from './model/time.ts';
export type { CarbonProvider, ProviderErrorKind } from './provider/provider.ts';
export { ProviderError } from './provider/provider.ts';
export type { MapStore, WriterLease } from './store/store.ts';
export { FencedWriteError } from './store/store.ts';
