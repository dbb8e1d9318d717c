import type { SignalPair, ZoneCode } from '../model/reading.ts';
import type { Instant } from '../model/time.ts';
import type { CarbonProvider, ProviderError, ProviderErrorKind } from '../provider/provider.ts';
import type { QuarantineReport } from './quarantine.ts';

/** What a provider was asked for. */
type Asked = 'reading' | 'forecast' | 'history';

/** Why one provider gave nothing for one zone, last time it was asked. */
export interface ProviderProblem {
  readonly provider: string;
  readonly zone: ZoneCode;
  readonly asked: Asked;
  readonly kind: ProviderErrorKind;
  readonly message: string;
  readonly at: Instant;
}

/** How one provider is doing. */
export interface ProviderHealth {
  readonly name: string;
  readonly pair: SignalPair;
  /** Whether its last reading, of whatever zone, was a usable one; true before it was ever asked. */
  readonly ok: boolean;
  readonly lastSuccess: Instant | null;
  readonly lastError: ProviderProblem | null;
  /** Answers rejected at the edge since the start: null, negative, absurd, of another zone and the like. */
  readonly rejected: number;
  /** Where it contradicts its own history, so that its readings are not used; null when nowhere. */
  readonly quarantine: QuarantineReport | null;
}

/** Keeps the score of every provider that was asked. */
export interface HealthLog {
  succeeded(provider: CarbonProvider, zone: ZoneCode, asked: Asked, at: Instant): void;
  failed(provider: CarbonProvider, zone: ZoneCode, asked: Asked, at: Instant, error: ProviderError): void;
  providers(): readonly ProviderHealth[];
  /** Problems that stand: one per provider, zone and question, gone with the next good answer. */
  problems(): readonly ProviderProblem[];
}

export function createHealthLog(
  quarantineOf: (provider: string) => QuarantineReport | null = () => null,
): HealthLog {
  const byProvider = new Map<string, ProviderHealth>();
  const standing = new Map<string, ProviderProblem>();
  const before = (provider: CarbonProvider): ProviderHealth =>
    byProvider.get(provider.name) ?? {
      name: provider.name,
      pair: provider.pair,
      ok: true,
      lastSuccess: null,
      lastError: null,
      rejected: 0,
      quarantine: null,
    };
  return {
    succeeded(provider, zone, asked, at) {
      standing.delete(`${provider.name} ${zone} ${asked}`);
      if (asked !== 'reading') return;
      byProvider.set(provider.name, { ...before(provider), ok: true, lastSuccess: at });
    },
    failed(provider, zone, asked, at, { kind, message }) {
      const problem = { provider: provider.name, zone, asked, kind, message, at };
      standing.set(`${provider.name} ${zone} ${asked}`, problem);
      const health = before(provider);
      const rejected = health.rejected + (kind === 'bad-payload' ? 1 : 0);
      byProvider.set(provider.name, {
        ...health,
        ok: asked !== 'reading' && health.ok,
        lastError: problem,
        rejected,
      });
    },
    providers: () =>
      [...byProvider.values()].map((health) => ({ ...health, quarantine: quarantineOf(health.name) })),
    problems: () => [...standing.values()],
  };
}
