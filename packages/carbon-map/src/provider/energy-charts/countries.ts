import type { ZoneCode } from '../../model/reading.ts';

/**
 * Zones of which the API knows the whole grid, by its country code. Countries of several grids (Italy, Norway,
 * Sweden, Denmark) are left out: a national mean says nothing of the grid under a cluster. They can be configured.
 */
export const COUNTRY_OF_ZONE: Readonly<Record<ZoneCode, string>> = {
  AT: 'at',
  BE: 'be',
  BG: 'bg',
  CH: 'ch',
  CZ: 'cz',
  DE: 'de',
  EE: 'ee',
  ES: 'es',
  FI: 'fi',
  FR: 'fr',
  GR: 'gr',
  HR: 'hr',
  HU: 'hu',
  IE: 'ie',
  LT: 'lt',
  LU: 'lu',
  LV: 'lv',
  NL: 'nl',
  PL: 'pl',
  PT: 'pt',
  RO: 'ro',
  RS: 'rs',
  SI: 'si',
  SK: 'sk',
};
