import type { ZoneCode } from '../model/reading.ts';

/** The member states of the European Union by ISO 3166-1 code. */
export const EU_MEMBER_STATES: readonly string[] = [
  'AT',
  'BE',
  'BG',
  'CY',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GR',
  'HR',
  'HU',
  'IE',
  'IT',
  'LT',
  'LU',
  'LV',
  'MT',
  'NL',
  'PL',
  'PT',
  'RO',
  'SE',
  'SI',
  'SK',
];

/** Zones whose code names a territory, but which belong to a member state and lie inside the Union (Art. 349 TFEU; Åland). */
const TERRITORY_OF: Readonly<Record<string, string>> = {
  AX: 'FI',
  GF: 'FR',
  GP: 'FR',
  MQ: 'FR',
  RE: 'FR',
  YT: 'FR',
};

/**
 * Countries for which the zone list holds a national mean beside the areas that it is made of.
 * The mean is no grid that a cluster can stand in: written as a location it stands for the areas.
 * (`ES`, `FR`, `GB` and `PT` are grids of their own with islands beside them.)
 */
const NATIONAL_MEANS: ReadonlySet<string> = new Set([
  'AU',
  'BR',
  'CA',
  'DK',
  'FO',
  'IN',
  'IT',
  'JP',
  'MY',
  'NO',
  'PH',
  'SE',
  'US',
]);

/** Other ways in which people write a country's code. */
export const COUNTRY_ALIASES: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' };

/** ISO code of the country whose zone this is, by the form of the code: `US` for `US-MIDA-PJM`. */
export function countryOf(zone: ZoneCode): string {
  const dash = zone.indexOf('-');
  return dash < 0 ? zone : zone.slice(0, dash);
}

/** Whether the zone is a mean over several areas that are listed too. */
export function isNationalMean(zone: ZoneCode): boolean {
  return NATIONAL_MEANS.has(zone);
}

/** Whether the zone lies in a member state of the European Union. */
export function inEuropeanUnion(zone: ZoneCode): boolean {
  const country = countryOf(zone);
  return EU_MEMBER_STATES.includes(TERRITORY_OF[country] ?? country);
}
