import type { Hub } from '../../runtime/client/hub.ts';
import {
  asNumber,
  asObject,
  equalJson,
  formatTime,
  isDeleting,
  type JsonObject,
  type KubeObject,
  keyFor,
  keyOf,
  labelOf,
} from '../../runtime/client/object.ts';
import type { Resource } from '../../runtime/client/resource.ts';
import type { Store } from '../../runtime/client/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import { bindingIdLabel } from '../detector/binding.ts';
import { type Templates, templateKey } from '../detector/templates.ts';
import { aggregateStatus } from '../interpreter/health.ts';
import { byteOrder } from '../scheduler/webster.ts';
import type { AggregatedStatusItem, Binding, Work } from '../types.ts';
import { clusterOfSpace } from '../well-known.ts';

const WRITER = 'karmada-controller-manager';

export interface BindingStatusOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly bindings: Store<Binding>;
  readonly works: Store<Work>;
  readonly templates: Templates;
  readonly onError: (key: string, error: unknown) => void;
}

function itemOf(work: Work): AggregatedStatusItem {
  const clusterName = clusterOfSpace(work.metadata.namespace) ?? '';
  const condition = work.status?.conditions?.find((entry) => entry.type === 'Applied');
  if (condition?.status !== 'True') {
    const message = condition?.message;
    return {
      clusterName,
      applied: false,
      ...(message === undefined ? {} : { appliedMessage: message }),
      health: 'Unknown',
    };
  }
  const manifest = work.status?.manifestStatuses?.[0];
  return {
    clusterName,
    applied: true,
    ...(manifest?.status === undefined ? {} : { status: manifest.status }),
    health: manifest?.health ?? 'Unknown',
  };
}

function fullyApplied(binding: Binding, items: readonly AggregatedStatusItem[]): boolean {
  const targets = (binding.spec?.clusters ?? []).map((target) => target.name);
  return (
    items.length === targets.length &&
    targets.every((name) => items.some((item) => item.clusterName === name && item.applied))
  );
}

/** Whether a status that the server holds says the same: it leaves out counters that are zero. */
function says(current: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([field, value]) =>
    typeof value === 'number' ? asNumber(current[field], 0) === value : equalJson(current[field], value),
  );
}

/** Stand-in for the binding status controller: aggregates Works into the binding, and that into the template. */
export function createBindingStatusController(options: BindingStatusOptions): WorkQueue {
  const { hub, bindings, works, templates } = options;

  const aggregate = (binding: Binding): AggregatedStatusItem[] => {
    const id = labelOf(binding, bindingIdLabel(binding));
    const own = id === undefined ? [] : works.by('binding', id);
    return own
      .filter((work) => !isDeleting(work))
      .map(itemOf)
      .sort((a, b) => byteOrder(a.clusterName, b.clusterName));
  };

  const writeBinding = async (binding: Binding, items: readonly AggregatedStatusItem[]): Promise<void> => {
    const whole = fullyApplied(binding, items);
    const before = binding.status?.conditions;
    const conditions = setCondition(
      before,
      {
        type: 'FullyApplied',
        status: whole ? 'True' : 'False',
        reason: whole ? 'FullyAppliedSuccess' : 'FullyAppliedFailed',
        message: whole
          ? 'All works have been successfully applied'
          : 'Failed to apply all works, see status.aggregatedStatus for details',
      },
      formatTime(options.clock.now()),
    );
    const status: JsonObject = {};
    if (conditions !== before) status['conditions'] = conditions;
    if (!equalJson(binding.status?.aggregatedStatus ?? [], items)) {
      status['aggregatedStatus'] = items.length === 0 ? null : items;
    }
    if (Object.keys(status).length === 0) return;
    // The conditions are one list that the scheduler writes too.
    const metadata = { resourceVersion: binding.metadata.resourceVersion };
    await hub.patch(options.resource, binding, { metadata, status }, WRITER, 'status');
  };

  const writeTemplate = async (
    template: KubeObject,
    items: readonly AggregatedStatusItem[],
  ): Promise<void> => {
    const resource = templates.resourceOf(template);
    const status = aggregateStatus(template, items, formatTime(options.clock.now()));
    if (resource === undefined || status === undefined || says(asObject(template.status), status)) return;
    await hub.patch(resource, template, { status }, WRITER, 'status');
  };

  const queue = createWorkQueue({
    onError: options.onError,
    async reconcile(key) {
      const binding = bindings.get(key);
      if (binding === undefined || isDeleting(binding)) return;
      const items = aggregate(binding);
      await writeBinding(binding, items);
      const reference = binding.spec?.resource;
      if (reference === undefined) return;
      const templateName = keyFor(reference.namespace, reference.name);
      const template = templates.get(templateKey(reference.apiVersion, reference.kind, templateName));
      if (template?.metadata.uid === reference.uid && template !== undefined && !isDeleting(template)) {
        await writeTemplate(template, items);
      }
    },
  });

  works.subscribe(({ before, after }) => {
    const work = after ?? before;
    const id =
      work === undefined ? undefined : labelOf(work, bindingIdLabel({ kind: options.resource.kind }));
    for (const binding of id === undefined ? [] : bindings.by('id', id)) queue.add(keyOf(binding));
  });
  bindings.subscribe(({ key, before, after }) => {
    if (after !== undefined && before?.metadata.generation !== after.metadata.generation) queue.add(key);
  });
  return queue;
}
