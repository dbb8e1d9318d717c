import { keyOf } from '@windvane/controller/kube';
import { advise, isCarbon } from '../admission/advice.ts';
import { CARBON_AWARE } from '../admission/rewrite.ts';
import { type ScaledTrigger, scaledSpec } from '../admission/scaled.ts';
import { notesOf } from '../app/telling.ts';
import type { KnownTrigger, TriggerRef } from '../policy/decider.ts';
import type { ScalerSnapshot } from '../policy/snapshot.ts';
import { readsEnvironment } from '../trigger/parse.ts';
import type { KindWatch } from '../watch/kind.ts';
import { asksUs } from '../watch/scaled.ts';
import type { Add } from './finding.ts';

/** What Events tell of these does not keep work from running as written. */
const WARNINGS: ReadonlySet<string> = new Set(['CarbonIsNoLimit', 'TargetNeverReached']);
const levelOf = (reason: string): 'warning' | 'error' => (WARNINGS.has(reason) ? 'warning' : 'error');

/**
 * Says of KEDA's objects what Events would.
 * @returns the triggers that ask this scaler, without those whose values only KEDA can read
 */
export function lookAtObjects(
  kinds: readonly KindWatch[],
  scalerAddress: string,
  add: Add,
): readonly TriggerRef[] {
  const asking: TriggerRef[] = [];
  for (const kind of kinds) {
    for (const object of kind.all()) {
      const spec = scaledSpec(object);
      if (spec === null || object.metadata.deletionTimestamp !== undefined) continue;
      const { namespace = '', name } = object.metadata;
      for (const { reason, text } of advise(kind.type.kind, spec, scalerAddress)) {
        add(levelOf(reason), keyOf(object), `${reason}: ${text}`);
      }
      for (const [index, trigger] of spec.triggers.entries()) {
        lookAtAddress(trigger, `spec.triggers[${index}]`, scalerAddress, (level, message) =>
          add(level, keyOf(object), message),
        );
        const asks = trigger.type !== CARBON_AWARE && isCarbon(trigger, scalerAddress);
        if (asks && !readsEnvironment(trigger.metadata)) {
          asking.push({ namespace, name, metadata: trigger.metadata });
        }
      }
    }
  }
  return asking;
}

function lookAtAddress(
  trigger: ScaledTrigger,
  at: string,
  scalerAddress: string,
  tell: (level: 'warning' | 'error', message: string) => void,
): void {
  if (trigger.type === CARBON_AWARE) {
    tell(
      'error',
      `NotConverted: ${at}: type carbon-aware was not converted, and KEDA does not know it: apply deploy/scaler with its admission, or write type: external`,
    );
  } else if (asksUs(trigger) && !isCarbon(trigger, scalerAddress)) {
    const written = JSON.stringify(trigger.metadata['scalerAddress'] ?? '');
    tell(
      'warning',
      `${at}.metadata: scalerAddress ${written} is not the one of this scaler: write "${scalerAddress}", or set WINDVANE_ADDRESS to what KEDA reaches it by`,
    );
  }
}

/** Says what the answers to triggers show: what Events would, and where data is missing. */
export function lookAtTriggers(triggers: readonly KnownTrigger[], { zones }: ScalerSnapshot, add: Add): void {
  for (const trigger of triggers) {
    const { ref, zone, allowance } = trigger;
    const subject = `${ref.namespace}/${ref.name}`;
    for (const { reason, message } of notesOf(trigger))
      add(levelOf(reason), subject, `${reason}: ${message}`);
    const data = zone === null ? null : (zones.get(zone)?.state.data ?? null);
    if (zone !== null && allowance.reason === 'MissingData') {
      const known = data === 'baseline' ? 'nothing but a yearly average' : 'nothing';
      add(
        'warning',
        subject,
        `${known} is known of ${zone}: add a source for it to carbon.providers of the hub, or of the file that WINDVANE_CONFIG names`,
      );
    }
  }
}

/** Says how many ask, and how many of them are held. */
export function countTriggers(triggers: readonly KnownTrigger[], add: Add): void {
  const held = triggers.filter(({ allowance }) => !allowance.allowed).length;
  add('ok', 'triggers', `${triggers.length} asking this scaler, ${held} of them held now`);
}
