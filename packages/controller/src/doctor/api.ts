import { existsSync } from 'node:fs';
import { DAY, type Instant } from '@windvane/carbon-map';
import { readTokens } from '../api/roles.ts';
import { refuseStrangers } from '../api/server.ts';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { loadKeyPair } from '../tls/pem.ts';

/** A certificate that ends sooner is renewed too late. */
const SOON = DAY;

/**
 * What would keep the API from starting, or its clients from trusting it. Files that are not on this machine are not
 * judged: the configuration may be that of a pod.
 */
export async function apiProblems(api: HubConfig['api'], now: Instant): Promise<readonly string[]> {
  const { tokensFile, tls } = api;
  return [
    ...(await mistakesOf(() => refuseStrangers(api))),
    ...(tokensFile !== null && existsSync(tokensFile)
      ? await mistakesOf(() => void readTokens(tokensFile))
      : []),
    ...(tls !== null && existsSync(tls.cert.path) ? await mistakesOf(() => checkCertificate(tls, now)) : []),
  ];
}

async function checkCertificate(files: NonNullable<HubConfig['api']['tls']>, now: Instant): Promise<void> {
  const { expiresAt } = await loadKeyPair(files);
  if (expiresAt - now >= SOON) return;
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const { setting, path } = files.cert;
  throw new UserError(
    expiresAt <= now
      ? `${setting}: the certificate expired on ${day}: replace ${path} with its key`
      : `${setting}: the certificate ends on ${day}: replace ${path} with its key before`,
  );
}

async function mistakesOf(task: () => void | Promise<void>): Promise<readonly string[]> {
  try {
    await task();
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.lines;
    throw error;
  }
}
