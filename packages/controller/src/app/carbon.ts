// `@windvane/controller/carbon`: the `carbon` section of the configuration at work, for other processes of Windvane.
export type { HourlyHistory } from '../scalers/history.ts';
export { hourlyHistory } from '../scalers/history.ts';
export type { ScalerView, ScalerZone } from '../scalers/view.ts';
export type { Sources } from './chains.ts';
export { createSources } from './chains.ts';
export { createConfiguredResolver, sourceMistakes, zonesOf } from './locations.ts';
export type { FetchOf } from './providers.ts';
export { createProviders } from './providers.ts';
