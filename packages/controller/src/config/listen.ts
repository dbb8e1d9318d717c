import { UserError } from './user-error.ts';

/** Where a server listens. */
export interface Listen {
  readonly host: string;
  /** 0..65535; 0 takes a free one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<six>[0-9a-fA-F:]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;

/**
 * Reads `host:port`, `[::1]:4280` or `:4280` (every address). Throws {@link UserError}.
 * @param field what a message names
 */
export function parseListen(text: string, field: string = 'api.listen', example: number = 4280): Listen {
  const groups = ADDRESS.exec(text.trim())?.groups;
  const port = Number(groups?.['port']);
  if (groups === undefined || !(port <= 65_535)) {
    throw new UserError(
      `${field}: "${text}" is not an address: write host:port, for example 127.0.0.1:${example}`,
    );
  }
  const host = groups['six'] ?? groups['host'] ?? '';
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
