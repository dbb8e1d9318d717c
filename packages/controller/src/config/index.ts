// `@windvane/controller/config`: reading what people write, for other processes of Windvane.
export { nearMiss } from '../optin/near-miss.ts';
export type { Environment, HubConfig } from './config.ts';
export { loadConfig } from './config.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { parseHubUrl } from './hub-url.ts';
export type { Listen } from './listen.ts';
export { isLoopback, parseListen } from './listen.ts';
export { given, isToken, readSecret } from './secret.ts';
export { UserError } from './user-error.ts';
