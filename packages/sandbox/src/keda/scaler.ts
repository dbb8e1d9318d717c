import type { ClientPool, ExternalClient, MetricSpec, ScaledObjectRef } from './external/client.ts';
import type { Trigger } from './types.ts';

/** What a trigger of a type of its own says at `now`: how much there is, and how much one replica takes. */
export type TriggerSource = (
  metadata: Readonly<Record<string, string>>,
  now: number,
) => { readonly value: number; readonly target: number; readonly active: boolean };

/** A metric as the HPA sees it. */
export interface ScalerMetric {
  /** Without the `s<index>-` of the HPA. */
  readonly name: string;
  readonly target: number;
}

/** A trigger that can be asked. Every method may throw. */
export interface Scaler {
  readonly trigger: Trigger;
  readonly index: number;
  metrics(): Promise<readonly ScalerMetric[]>;
  /** The sum of the values, and whether the trigger is active; the value is asked for first. */
  read(metric: string): Promise<{ readonly value: number; readonly active: boolean }>;
  /** Follows a trigger that pushes; undefined for one that does not. */
  readonly follow?: (onActive: (active: boolean) => void, onEnd: (clean: boolean) => void) => () => void;
}

/** What scalers are made of. */
export interface ScalerContext {
  readonly pool: ClientPool;
  readonly sources: Readonly<Record<string, TriggerSource>>;
  readonly resolveAddress: (address: string) => string;
  readonly now: () => number;
}

/**
 * KEDA's `buildScaler`.
 * @throws Error in KEDA's words for a type that nobody knows or a missing address
 */
export function buildScaler(
  context: ScalerContext,
  owner: { readonly name: string; readonly namespace: string },
  trigger: Trigger,
  index: number,
): Scaler {
  if (trigger.type === 'external' || trigger.type === 'external-push') {
    return external(context, owner, trigger, index);
  }
  const source = context.sources[trigger.type];
  if (source === undefined) throw new Error(`no scaler found for type: ${trigger.type}`);
  const name = trigger.name ?? trigger.type;
  return {
    trigger,
    index,
    metrics: async () => [{ name, target: source(trigger.metadata, context.now()).target }],
    read: async () => source(trigger.metadata, context.now()),
  };
}

function external(
  { pool, resolveAddress }: ScalerContext,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  trigger: Trigger,
  index: number,
): Scaler {
  const address = trigger.metadata['scalerAddress'] ?? '';
  if (address === '')
    throw new Error('error parsing external scaler metadata: scaler Address is a required field');
  const client: ExternalClient = pool.client(
    resolveAddress(address),
    trigger.metadata['enableTLS'] === 'true',
  );
  const ref: ScaledObjectRef = { name, namespace, scalerMetadata: forwarded(trigger.metadata) };
  const specs = async (): Promise<readonly MetricSpec[]> => {
    const found = await client.getMetricSpec(ref);
    if (found.length === 0) throw new Error('got empty metric spec');
    return found;
  };
  return {
    trigger,
    index,
    async metrics() {
      return (await specs()).map(({ metricName, targetSize, targetSizeFloat = 0 }) => ({
        name: metricName,
        target: targetSizeFloat > 0 ? targetSizeFloat : targetSize,
      }));
    },
    async read(metric) {
      const values = await client.getMetrics(ref, metric);
      if (values.length === 0) throw new Error('no matching metrics found');
      const active = await client.isActive(ref);
      return { value: values.reduce((sum, value) => sum + milli(value), 0), active };
    },
    ...(trigger.type === 'external-push'
      ? {
          follow: (onActive: (active: boolean) => void, onEnd: (clean: boolean) => void) =>
            client.streamIsActive(ref, onActive, onEnd),
        }
      : {}),
  };
}

/** All metadata goes to the scaler, but what was to come from an environment that nobody has here. */
function forwarded(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.endsWith('FromEnv')));
}

/** Values travel in thousandths; what is no number, or negative, counts as 0. */
function milli(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.round(value * 1000) / 1000 : 0;
}
