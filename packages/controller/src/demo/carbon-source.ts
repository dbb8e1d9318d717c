import {
  type CarbonProvider,
  createReplayProvider,
  HOUR,
  type Instant,
  ProviderError,
  type ZoneCode,
} from '@windvane/carbon-map';
import { UserError } from '../config/user-error.ts';
import type { DemoOptions } from './options.ts';
import { createSyntheticDay } from './synthetic-day.ts';

/** Where the demo's numbers come from. */
export interface CarbonSource {
  readonly provider: CarbonProvider;
  readonly from: Instant;
  /** Said on screen beside every number. */
  readonly label: string;
}

const SYNTHETIC_START = Date.UTC(2026, 5, 1);

/** Opens the traces, or the synthetic day. Throws UserError for a file or a time that cannot be used. */
export async function carbonSource(
  options: Pick<DemoOptions, 'traces' | 'from' | 'hours'>,
  zones: readonly ZoneCode[],
): Promise<CarbonSource> {
  const { traces } = options;
  if (traces === null) {
    return {
      provider: createSyntheticDay(),
      from: options.from ?? SYNTHETIC_START,
      label: 'made-up days shaped on real yearly averages',
    };
  }
  const provider = createReplayProvider({ csv: { path: traces } });
  const coverage = await provider.load().catch((error: unknown) => {
    if (error instanceof ProviderError) throw new UserError(`--traces: ${error.message}`);
    throw error;
  });
  const missing = zones.filter((zone) => !coverage.zones.includes(zone));
  if (missing.length > 0) {
    throw new UserError(
      `--traces: ${traces} has no rows for ${missing.join(', ')}: add them, or leave --traces out to see a synthetic day`,
    );
  }
  const from = options.from ?? coverage.from;
  const to = from + options.hours * HOUR;
  if (from < coverage.from || to > coverage.to) {
    throw new UserError(
      `--from and --hours: ${day(from)} to ${day(to)} is not inside ${traces}, which holds ${day(coverage.from)} to ${day(coverage.to)}: choose a time within it`,
    );
  }
  return { provider, from, label: `replay of ${traces.split('/').at(-1)}` };
}

function day(at: Instant): string {
  return new Date(at).toISOString().replace(':00.000Z', 'Z');
}
