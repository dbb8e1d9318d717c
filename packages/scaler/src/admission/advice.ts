import { parseMetadata, readsEnvironment } from '../trigger/parse.ts';
import { CARBON_AWARE } from './rewrite.ts';
import type { ScaledSpec } from './scaled.ts';

/** A sentence for the author of an object, and the reason under which an Event carries it. */
export interface Advice {
  readonly reason: 'BadTrigger' | 'CarbonIsNoLimit';
  readonly text: string;
}

/** Whether a trigger is one of ours: written as such, or made external by admission for this scaler. */
export function isCarbon({ type, metadata }: ScaledSpec['triggers'][number], scalerAddress: string): boolean {
  return (
    type === CARBON_AWARE ||
    (type.startsWith('external') && shortName(metadata['scalerAddress'] ?? '') === shortName(scalerAddress))
  );
}

/** A Service has one name in several lengths: `NAME.NAMESPACE`, with `.svc`, and with the domain of the cluster. */
function shortName(address: string): string {
  return address.trim().replace(/\.svc(?:\.cluster\.local)?\.?(?=:\d+$)/, '');
}

/**
 * What its author should know of an object. Nothing of it refuses the object: KEDA itself writes on it, also
 * on its way out, and must not be held up by a mistake in a trigger.
 */
export function advise(kind: string, spec: ScaledSpec, scalerAddress: string): readonly Advice[] {
  const carbon = spec.triggers.filter((trigger) => isCarbon(trigger, scalerAddress));
  if (carbon.length === 0) return [];
  const advice: Advice[] = spec.triggers.flatMap((trigger, index) =>
    isCarbon(trigger, scalerAddress) && !readsEnvironment(trigger.metadata)
      ? parseMetadata(trigger.metadata).problems.map(
          ({ message }): Advice => ({
            reason: 'BadTrigger',
            text: `spec.triggers[${index}].metadata: ${message}`,
          }),
        )
      : [],
  );
  const others = spec.triggers.length - carbon.length;
  const formula = spec.advanced?.scalingModifiers?.formula ?? '';
  if (others > 0 && formula === '') advice.push({ reason: 'CarbonIsNoLimit', text: combined(kind, others) });
  return advice;
}

function combined(kind: string, others: number): string {
  const beside = others === 1 ? 'another trigger' : `${others} other triggers`;
  const remedy =
    kind === 'ScaledJob'
      ? 'put a ScaledJob with the demand alone behind the Job gate (label windvane.dev/gate: "true" and suspend: true in jobTargetRef)'
      : 'name both triggers and join them by spec.advanced.scalingModifiers.formula, for example "carbon > 0 ? min(queue, carbon) : 0"';
  return `the carbon trigger stands beside ${beside}: KEDA takes the larger of them, so that it holds nothing back; ${remedy}`;
}
