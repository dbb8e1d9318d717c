import { serverSideApply } from '../../src/apply/server-side-apply.ts';
import { trackUpdate } from '../../src/apply/track-update.ts';
import type { StructuralSchema } from '../../src/schema/schema.ts';

/** A kind with every sort of list and map that field ownership tells apart. */
export const thingSchema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        maybe: { type: 'string', nullable: true },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        list: { type: 'array', items: { type: 'string' } },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          items: {
            type: 'object',
            required: ['port'],
            properties: {
              port: { type: 'integer' },
              protocol: { type: 'string', default: 'TCP' },
              name: { type: 'string' },
            },
          },
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        atom: {
          type: 'object',
          'x-kubernetes-map-type': 'atomic',
          properties: { x: { type: 'string' }, y: { type: 'string' } },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

// oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
export type Thing = Record<string, any>;

const API_VERSION = 'example.com/v1';

export function thing(spec?: object, metadata: object = {}, rest: object = {}): Thing {
  const object = { apiVersion: API_VERSION, kind: 'Thing', metadata: { name: 't', ...metadata }, ...rest };
  return spec === undefined ? object : { ...object, spec };
}

/** One stored object with a clock of its own: every request comes ten seconds after the one before. */
export class Store {
  live: Thing | undefined;
  readonly schema: StructuralSchema | undefined;
  #now = Date.parse('2026-01-01T00:00:00Z');

  /** @param schema null for a kind without one */
  constructor(schema: StructuralSchema | null = thingSchema) {
    this.schema = schema ?? undefined;
  }

  apply(manager: string, applied: Thing, options: { force?: boolean; subresource?: string } = {}): Thing {
    const { object } = serverSideApply({
      live: this.live,
      applied,
      manager,
      force: options.force ?? false,
      schema: this.schema,
      apiVersion: applied['apiVersion'],
      subresource: options.subresource,
      resetFields: resetFields(options.subresource),
      now: this.#tick(),
    });
    return this.#keep(object);
  }

  update(manager: string, after: Thing, subresource?: string): Thing {
    const object = trackUpdate({
      before: this.live,
      after:
        this.live === undefined
          ? after
          : { ...after, metadata: { ...this.live['metadata'], ...after['metadata'] } },
      manager,
      schema: this.schema,
      apiVersion: after['apiVersion'],
      subresource,
      resetFields: resetFields(subresource),
      now: this.#tick(),
    });
    return this.#keep(object);
  }

  /** What each manager owns, by `manager` for appliers and `manager (Update)` for the others. */
  owners(): Record<string, object> {
    const entries: Thing[] = this.live?.['metadata'].managedFields ?? [];
    return Object.fromEntries(
      entries.map(({ manager, operation, subresource, fieldsV1 }) => {
        const place = subresource === undefined ? '' : `/${subresource}`;
        return [`${manager}${place}${operation === 'Update' ? ' (Update)' : ''}`, fieldsV1];
      }),
    );
  }

  #keep(object: Thing): Thing {
    this.live =
      object['metadata'].uid === undefined
        ? { ...object, metadata: { ...object['metadata'], uid: 'u1' } }
        : object;
    return this.live;
  }

  #tick(): number {
    this.#now += 10_000;
    return this.#now;
  }
}

function resetFields(subresource: string | undefined): string[][] {
  return subresource === 'status' ? [['metadata'], ['spec']] : [['status']];
}
