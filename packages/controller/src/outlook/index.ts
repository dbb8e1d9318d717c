// `@windvane/controller/outlook`: what is expected of a zone, learned from its past, for other processes of Windvane.
export type { Expectation } from './outlook.ts';
export { joined } from './outlook.ts';
export type { Observation, ZoneFollower } from './zone-follower.ts';
export { createZoneFollower } from './zone-follower.ts';
