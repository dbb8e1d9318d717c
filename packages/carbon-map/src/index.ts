export type { HourlySeries } from './forecast/hourly.ts';
export { hourlySeries } from './forecast/hourly.ts';
export { ownForecast } from './forecast/own.ts';
export type { LocationResolver, ResolvedLocation } from './location/location.ts';
export { LocationError } from './location/location.ts';
export { nearMisses } from './location/near-miss.ts';
export { quoted } from './location/quoted.ts';
export type { LocationResolverOptions } from './location/resolver.ts';
export { createLocationResolver } from './location/resolver.ts';
export type { CarbonMap, DataQuality, OldPair, ZoneData, ZoneState } from './model/carbon-map.ts';
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
export { GRAMS_PER_KWH_PER_POUND_PER_MWH, MAX_GRAMS_PER_KWH, pairName, samePair } from './model/reading.ts';
export type { Clock, Instant, Millis } from './model/time.ts';
export { DAY, HOUR, MINUTE, parseInstant, SECOND, startOfHour, systemClock } from './model/time.ts';
export type { VirtualClock } from './model/virtual-clock.ts';
export { createVirtualClock } from './model/virtual-clock.ts';
export type { CsvPriceSource, CsvPricesOptions } from './price/csv.ts';
export { createCsvPrices } from './price/csv.ts';
export type { DayAheadPricesOptions } from './price/day-ahead.ts';
export { createDayAheadPrices } from './price/day-ahead.ts';
export type { Weekday } from './price/local-time.ts';
export type { HourlyPrices, PriceSource, PriceUnit } from './price/price.ts';
export { meanPrice, PriceMissing, priceAt, requiredPriceAt } from './price/price.ts';
export type { StaticPricesOptions } from './price/static.ts';
export { createStaticPrices } from './price/static.ts';
export type { Tariff, TariffPeriod, TimeOfUsePricesOptions } from './price/time-of-use.ts';
export { createTimeOfUsePrices } from './price/time-of-use.ts';
export { createBaselineProvider, yearlyAverageGrams } from './provider/baseline.ts';
export type { BreakerOptions } from './provider/breaker.ts';
export { withBreaker } from './provider/breaker.ts';
export type {
  CarbonAwareSdkLocation,
  CarbonAwareSdkOptions,
} from './provider/carbon-aware-sdk/carbon-aware-sdk.ts';
export { createCarbonAwareSdkProvider } from './provider/carbon-aware-sdk/carbon-aware-sdk.ts';
export type { ElectricityMapsOptions } from './provider/electricity-maps/electricity-maps.ts';
export { createElectricityMapsProvider } from './provider/electricity-maps/electricity-maps.ts';
export type { EnergyChartsOptions } from './provider/energy-charts/energy-charts.ts';
export { createEnergyChartsProvider } from './provider/energy-charts/energy-charts.ts';
export { networkReason } from './provider/network-reason.ts';
export type { PrometheusOptions } from './provider/prometheus/prometheus.ts';
export { createPrometheusProvider, gridIntensityGoQuery } from './provider/prometheus/prometheus.ts';
export type { PrometheusUnit } from './provider/prometheus/series.ts';
export type { CarbonProvider, ProviderErrorKind } from './provider/provider.ts';
export { ProviderError } from './provider/provider.ts';
export type { CsvSource } from './provider/replay/csv.ts';
export type { ReplayCoverage, ReplayOptions, ReplayProvider } from './provider/replay/replay.ts';
export { createReplayProvider } from './provider/replay/replay.ts';
export type { UkCarbonIntensityOptions } from './provider/uk-carbon-intensity/uk-carbon-intensity.ts';
export { createUkCarbonIntensityProvider } from './provider/uk-carbon-intensity/uk-carbon-intensity.ts';
export type { WattTimeOptions, WattTimePlace, WattTimeSignal } from './provider/watttime/watttime.ts';
export { createWattTimeProvider } from './provider/watttime/watttime.ts';
export type { BestWindow } from './query/best-window.ts';
export { bestWindow } from './query/best-window.ts';
export type { UnderOldPair } from './query/pair-change.ts';
export { underOldPair } from './query/pair-change.ts';
export type { RankedZone } from './query/rank.ts';
export { cleanestZones, rankZones } from './query/rank.ts';
export type { Trend } from './query/trend.ts';
export { trendOf } from './query/trend.ts';
export { meanOverWindow } from './query/window.ts';
export type { ProviderHealth, ProviderProblem } from './refresh/health.ts';
export type { QuarantineReport } from './refresh/quarantine.ts';
export type { Refresher, RefresherOptions } from './refresh/refresher.ts';
export { createRefresher } from './refresh/refresher.ts';
export type { RateLimit } from './refresh/token-bucket.ts';
export type { MemoryStoreOptions } from './store/memory.ts';
export { createMemoryStore } from './store/memory.ts';
export { StoreUnreachableError } from './store/redis/connection.ts';
export { dropRedisStore } from './store/redis/drop.ts';
export type { RedisStoreOptions } from './store/redis/redis.ts';
export { createRedisStore } from './store/redis/redis.ts';
export type { RedisAddress } from './store/redis/url.ts';
export { parseRedisUrl } from './store/redis/url.ts';
export { redisVersion } from './store/redis/version.ts';
export type { MapStore, WriterLease } from './store/store.ts';
export { FencedWriteError } from './store/store.ts';
