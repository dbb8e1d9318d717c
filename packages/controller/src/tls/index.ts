// `@windvane/controller/tls`: certificates in files, for other processes of Windvane.
export { follow } from './follow.ts';
export type { KeyPair, KeyPairFiles } from './pem.ts';
export { loadAuthorities, loadKeyPair, samePair } from './pem.ts';
