import { SECOND } from '@windvane/carbon-map';
import type { EventRecorder } from '../../kube/events.ts';
import type { ReconcileResult } from '../../kube/queue.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { PREFIX } from '../../optin/keys.ts';
import { misspeltOptIn } from '../../optin/misspelt.ts';
import type { World } from './world.ts';

/** Before the key of an object with a misspelt opt-in, among the keys of units. */
export const MISSPELT_KEY = 'Misspelt ';
/** How often it is asked whether something may be told by now. */
const AGAIN = 10 * SECOND;

export interface MisspeltOptions {
  readonly world: Pick<World, 'objects' | 'get'>;
  /** Kinds that may opt in. */
  readonly types: readonly ResourceType[];
  readonly serves: (namespace: string) => boolean;
  readonly events: EventRecorder;
  /** Whether Events are this replica's to write, now. */
  readonly mayTell: () => boolean;
}

/** Objects whose opt-in is misspelt: they have no status, so that an Event on them is all that anybody would see. */
export interface Misspelt {
  /** Keys of everything that is to be told now. */
  all(): Iterable<string>;
  /** The key of an object whose annotations changed so that there is something to tell. */
  concernedBy(type: ResourceType, now: KubeObject | null, before: KubeObject | null): readonly string[];
  reconcile(key: string): Promise<ReconcileResult>;
}

export function createMisspelt({ world, types, serves, events, mayTell }: MisspeltOptions): Misspelt {
  const kinds = new Map(types.map((type) => [type.kind, type]));
  // What is in no namespace binds those of many.
  const isServed = ({ metadata: { namespace } }: KubeObject): boolean =>
    namespace === undefined || serves(namespace);
  const keyFor = (type: ResourceType, object: KubeObject): string =>
    `${MISSPELT_KEY}${type.kind} ${keyOf(object)}`;
  const writtenOn = (object: KubeObject | null): string | null =>
    object === null || !isServed(object) ? null : misspeltOptIn(object.metadata.annotations);

  return {
    *all() {
      for (const type of types) {
        for (const object of world.objects(type)) if (writtenOn(object) !== null) yield keyFor(type, object);
      }
    },
    concernedBy(type, now, before) {
      if (now === null || kinds.get(type.kind) !== type) return [];
      const written = writtenOn(now);
      return written === null || written === writtenOn(before) ? [] : [keyFor(type, now)];
    },
    async reconcile(key) {
      const [kind = '', place = ''] = key.slice(MISSPELT_KEY.length).split(' ');
      const type = kinds.get(kind);
      const object = type === undefined ? undefined : world.get(type, place);
      const written = writtenOn(object ?? null);
      if (type === undefined || object === undefined || written === null) return {};
      if (!mayTell()) return { requeueAfter: AGAIN };
      await events.record(type, object, {
        type: 'Warning',
        reason: 'UnknownKey',
        message: `${written} is not a key and opts nothing in: did you mean ${PREFIX}placement?`,
      });
      return {};
    },
  };
}
