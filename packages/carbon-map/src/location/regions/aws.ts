import type { RegionRow } from './region.ts';

/**
 * AWS regions. Where tables disagree and the local utility does not settle it,
 * the zone with the higher yearly mean stands here, so that a mistake never makes a region look clean.
 */
export const AWS_REGIONS: readonly RegionRow[] = [
  { region: 'af-south-1', zone: 'ZA', place: 'Cape Town' },
  { region: 'ap-east-1', zone: 'HK', place: 'Hong Kong' },
  { region: 'ap-east-2', zone: 'TW', place: 'Taipei' },
  { region: 'ap-northeast-1', zone: 'JP-TK', place: 'Tokyo' },
  { region: 'ap-northeast-2', zone: 'KR', place: 'Seoul' },
  { region: 'ap-northeast-3', zone: 'JP-KN', place: 'Osaka' },
  { region: 'ap-south-1', zone: 'IN-WE', place: 'Mumbai' },
  { region: 'ap-south-2', zone: 'IN-SO', place: 'Hyderabad' },
  { region: 'ap-southeast-1', zone: 'SG', place: 'Singapore' },
  { region: 'ap-southeast-2', zone: 'AU-NSW', place: 'Sydney' },
  { region: 'ap-southeast-3', zone: 'ID', place: 'Jakarta' },
  { region: 'ap-southeast-4', zone: 'AU-VIC', place: 'Melbourne' },
  { region: 'ap-southeast-5', zone: 'MY-WM', place: 'Kuala Lumpur' },
  { region: 'ap-southeast-6', zone: 'NZ', place: 'Auckland' },
  { region: 'ap-southeast-7', zone: 'TH', place: 'Bangkok' },
  {
    region: 'ca-central-1',
    zone: 'CA-QC',
    place: 'Montréal',
    reason: 'Some tables say Ontario; the data centres stand around Montréal, on the grid of Hydro-Québec.',
  },
  { region: 'ca-west-1', zone: 'CA-AB', place: 'Calgary' },
  { region: 'cn-north-1', zone: 'CN', place: 'Beijing' },
  { region: 'cn-northwest-1', zone: 'CN', place: 'Ningxia' },
  { region: 'eu-central-1', zone: 'DE', place: 'Frankfurt' },
  { region: 'eu-central-2', zone: 'CH', place: 'Zurich' },
  {
    region: 'eu-north-1',
    zone: 'SE-SE3',
    place: 'Stockholm',
    reason:
      'Some tables give the national mean or even Spain; Stockholm, Västerås and Eskilstuna lie in bidding zone SE3.',
  },
  { region: 'eu-south-1', zone: 'IT-NO', place: 'Milan' },
  { region: 'eu-south-2', zone: 'ES', place: 'Aragón' },
  { region: 'eu-west-1', zone: 'IE', place: 'Dublin' },
  { region: 'eu-west-2', zone: 'GB', place: 'London' },
  { region: 'eu-west-3', zone: 'FR', place: 'Paris' },
  { region: 'eusc-de-east-1', zone: 'DE', place: 'Brandenburg (European Sovereign Cloud)' },
  { region: 'il-central-1', zone: 'IL', place: 'Tel Aviv' },
  { region: 'me-central-1', zone: 'AE', place: 'United Arab Emirates' },
  { region: 'me-south-1', zone: 'BH', place: 'Bahrain' },
  { region: 'mx-central-1', zone: 'MX', place: 'Querétaro' },
  { region: 'sa-east-1', zone: 'BR-CS', place: 'São Paulo' },
  { region: 'us-east-1', zone: 'US-MIDA-PJM', place: 'Northern Virginia' },
  { region: 'us-east-2', zone: 'US-MIDA-PJM', place: 'Columbus, Ohio' },
  { region: 'us-gov-east-1', zone: 'US-MIDA-PJM', place: 'Ohio (GovCloud)' },
  {
    region: 'us-gov-west-1',
    zone: 'US-NW-PACW',
    place: 'Oregon (GovCloud)',
    reason: 'As us-west-2: PacifiCorp West and Bonneville both serve the area; the dirtier of the two.',
  },
  { region: 'us-west-1', zone: 'US-CAL-CISO', place: 'Northern California' },
  {
    region: 'us-west-2',
    zone: 'US-NW-PACW',
    place: 'Boardman and Umatilla, Oregon',
    reason:
      'Tables say PacifiCorp West or Bonneville; utilities of both areas serve the sites, so the dirtier of the two.',
  },
];
