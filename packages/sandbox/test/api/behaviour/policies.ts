import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { APPLY_PATCH, type Client, type Json, MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

const ROOT = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = `${ROOT}/mutatingadmissionpolicies`;
const BINDINGS = `${ROOT}/mutatingadmissionpolicybindings`;
/** An expression that any policy may have. */
const PATCH = "[JSONPatch{op: 'add', path: '/spec/note', value: 'by-cel'}]";

/** A policy for widgets that are labelled with its name, so that tests do not meet. */
function policy(name: string, expression: string, more: Json = {}): Json {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['suite.example.com'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['widgets'],
          },
        ],
        objectSelector: { matchLabels: { policy: name } },
      },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
      ...more,
    },
  };
}

/** Puts a policy in force and waits until it is: a real server takes about a second. */
async function enforce(api: Client, place: Place, made: Json): Promise<void> {
  const { name } = made.metadata;
  const stored = await api.post(POLICIES, made);
  expect(stored).toMatchObject({ status: 201 });
  const spec = { policyName: name };
  const binding = {
    apiVersion: made.apiVersion,
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec,
  };
  expect((await api.post(BINDINGS, binding)).status).toBe(201);
  const probe = place.widget('probe', { note: 'probe' }, { labels: { policy: name } });
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await api.send('POST', `${place.widgets}?dryRun=All`, probe);
    if (answer.status !== 201 || answer.body.spec.note !== 'probe') return;
    await delay(100);
  }
  throw new Error(`${name} did not come into force`);
}

export function describePolicies(connected: Connected): void {
  describe('mutating admission policies', () => {
    let place: Place;
    const made: string[] = [];
    beforeAll(async () => {
      place = await makePlace(connected());
    });
    afterEach(async () => {
      for (const name of made.splice(0)) {
        await connected().delete(`${BINDINGS}/${name}`);
        await connected().delete(`${POLICIES}/${name}`);
      }
    });
    const inForce = async (name: string, expression: string, more: Json = {}): Promise<void> => {
      made.push(name);
      await enforce(connected(), place, policy(name, expression, more));
    };
    const widget = (name: string, label: string, spec: Json = {}): Json =>
      place.widget(name, spec, { labels: { policy: label } });

    it('fills in defaults and asks for what is missing', async () => {
      const api = connected();
      const stored = await api.post(POLICIES, policy('defaults', PATCH));
      expect(stored).toMatchObject({ status: 201 });
      expect(stored.body.spec).toMatchObject({
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          resourceRules: [{ scope: '*' }],
        },
      });
      await api.delete(`${POLICIES}/defaults`);
      for (const [field, change] of [
        ['spec.reinvocationPolicy', { reinvocationPolicy: '' }],
        ['spec.mutations', { mutations: [] }],
        ['spec.failurePolicy', { failurePolicy: 'Maybe' }],
        ['spec.matchConditions[0].expression', { matchConditions: [{ name: 'a', expression: 'object.' }] }],
        [
          'spec.mutations[0].jsonPatch.expression',
          { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: "'text'" } }] },
        ],
      ] as const) {
        const { status, body } = await api.post(POLICIES, policy('bad', PATCH, change));
        expect([field, status]).toEqual([field, 422]);
        expect(body.details.causes.map((cause: Json) => cause.field)).toContain(field);
      }
    });

    it('compiles expressions when they are stored, and wants exactly a list of patches', async () => {
      const api = connected();
      const statusOf = async (expression: string): Promise<[string, number]> => {
        const { status } = await api.send('POST', `${POLICIES}?dryRun=All`, policy('bad', expression));
        return [expression, status];
      };
      for (const expression of [
        'object.spec.weights.transformList(i, w)',
        "[JSONPatch{op: 'add', path: 1}] + 'x'",
        "[{'op': 'add', 'value': 1}]",
        'nobody',
        '[]',
        '[] + []',
        'object.spec.patches',
        'dyn([])',
        `has(object.spec.patches) ? object.spec.patches : ${PATCH}`,
      ]) {
        expect(await statusOf(expression)).toEqual([expression, 422]);
      }
      for (const expression of [
        `${PATCH} + []`,
        `[] + ${PATCH}`,
        `has(object.spec.note) ? [] : ${PATCH}`,
        `object.spec.patches + ${PATCH}`,
        `${PATCH}.filter(each, false)`,
        'object.spec.weights.map(w, JSONPatch{op: "remove", path: w.path})',
      ]) {
        expect(await statusOf(expression)).toEqual([expression, 201]);
      }
    });

    it('wants exactly a bool of match conditions', async () => {
      const api = connected();
      const statusOf = async (expression: string): Promise<[string, number]> => {
        const conditional = policy('bad', PATCH, { matchConditions: [{ name: 'a', expression }] });
        const { status } = await api.send('POST', `${POLICIES}?dryRun=All`, conditional);
        return [expression, status];
      };
      for (const expression of [
        'object.spec.paused',
        'object.spec.?paused.orValue(false)',
        'has(object.spec.paused) ? object.spec.paused : false',
        'dyn(true)',
        'null',
      ]) {
        expect(await statusOf(expression)).toEqual([expression, 422]);
      }
      for (const expression of [
        'object.spec.paused == true',
        'has(object.spec.paused) && object.spec.paused',
        '!object.spec.paused',
        'object.spec.weights.exists(w, w.paused)',
        'object.spec.?paused.hasValue()',
        'request.dryRun',
      ]) {
        expect(await statusOf(expression)).toEqual([expression, 201]);
      }
    });

    it('changes what is created and updated, by any verb', async () => {
      const api = connected();
      await inForce('note', "[JSONPatch{op: 'add', path: '/spec/note', value: 'by-cel'}]");
      const { body } = await api.post(place.widgets, widget('posted', 'note'));
      expect(body.spec.note).toBe('by-cel');
      const patched = await api.patch(`${place.widgets}/posted`, MERGE_PATCH, { spec: { note: 'mine' } });
      expect(patched.body.spec.note).toBe('by-cel');
      const put = await api.put(`${place.widgets}/posted`, { ...patched.body, spec: { colour: 'blue' } });
      expect(put.body.spec).toMatchObject({ colour: 'blue', note: 'by-cel' });
      const other = await api.post(place.widgets, place.widget('other'));
      expect(other.body.spec).not.toHaveProperty('note');
    });

    it('leaves the owners of fields as the request made them', async () => {
      const api = connected();
      await inForce('owned', "[JSONPatch{op: 'add', path: '/spec/note', value: 'by-cel'}]");
      const path = `${place.widgets}/owned?fieldManager=git`;
      const applied = widget('owned', 'owned');
      const first = await api.patch(path, APPLY_PATCH, applied);
      expect(first.body.spec.note).toBe('by-cel');
      expect(JSON.stringify(first.body.metadata.managedFields)).not.toContain('f:note');
      const second = await api.patch(path, APPLY_PATCH, applied);
      expect(second.body.metadata).toMatchObject({
        generation: 1,
        resourceVersion: first.body.metadata.resourceVersion,
      });
    });

    it('goes through lists with index and item', async () => {
      const api = connected();
      await inForce(
        'lists',
        `object.spec.?weights.orValue([]).transformList(i, w, w.name.startsWith('a/'),
          JSONPatch{op: has(w.weight) ? 'replace' : 'add', path: '/spec/weights/' + string(i) + '/weight', value: i + 7})
          + [JSONPatch{op: 'add', path: '/metadata/annotations', value: {'keys': jsonpatch.escapeKey('x/y~z') + string(size(object.spec.?weights.orValue([])))}},
             JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('a/b'), value: "d"},
             JSONPatch{op: 'add', path: '/spec/note', value: 'done'}]`,
      );
      const weights = [{ name: 'b', weight: 1 }, { name: 'a/1', weight: 1 }, { name: 'a/2' }];
      const { body } = await api.post(place.widgets, widget('lists', 'lists', { weights }));
      expect(body.spec.weights).toEqual([
        { name: 'b', weight: 1 },
        { name: 'a/1', weight: 8 },
        { name: 'a/2', weight: 9 },
      ]);
      expect(body.metadata.annotations).toEqual({ keys: 'x~1y~0z3', 'a/b': 'd' });
    });

    it('looks at conditions, variables, the old object and the request', async () => {
      const api = connected();
      await inForce('conditions', "[JSONPatch{op: 'add', path: '/spec/note', value: variables.short}]", {
        variables: [
          {
            name: 'text',
            expression: "request.operation + (oldObject == null ? '' : oldObject.spec.colour)",
          },
          { name: 'short', expression: 'variables.text.substring(0, 3)' },
        ],
        matchConditions: [
          { name: 'red', expression: "object.spec.colour == 'red'" },
          { name: 'alive', expression: '!has(object.metadata.deletionTimestamp)' },
        ],
      });
      const { body } = await api.post(place.widgets, widget('conditions', 'conditions'));
      expect(body.spec.note).toBe('CRE');
      const blue = { ...body, spec: { colour: 'blue', note: 'x' } };
      expect((await api.put(`${place.widgets}/conditions`, blue)).body.spec.note).toBe('x');
    });

    it('leaves objects under deletion alone when the policy says so', async () => {
      const api = connected();
      await inForce('dying', "[JSONPatch{op: 'add', path: '/spec/note', value: 'by-cel'}]", {
        matchConditions: [{ name: 'alive', expression: '!has(object.metadata.deletionTimestamp)' }],
      });
      const held = widget('dying', 'dying');
      held.metadata.finalizers = ['suite.example.com/hold'];
      await api.post(place.widgets, held);
      const path = `${place.widgets}/dying`;
      await api.delete(path);
      const { body } = await api.patch(path, MERGE_PATCH, { spec: { note: 'mine' } });
      expect(body.spec.note).toBe('mine');
      expect((await api.patch(path, MERGE_PATCH, { metadata: { finalizers: [] } })).status).toBe(200);
    });

    it('refuses or goes on when an expression fails, as the failurePolicy says', async () => {
      const api = connected();
      const failing = "[JSONPatch{op: 'add', path: '/spec/note', value: object.spec.absent}]";
      await inForce('failing', failing);
      const { status, body } = await api.post(place.widgets, widget('failing', 'failing'));
      expect(status).toBe(403);
      expect(body.message).toMatch(
        /^policy 'failing' with binding 'failing' denied request: .*no such key: absent/i,
      );
      expect(body.details).toMatchObject({ group: 'suite.example.com', kind: 'widgets' });
      await inForce('first', "[JSONPatch{op: 'add', path: '/spec/note', value: 'first'}]");
      const ignoring = policy('ignoring', failing, { failurePolicy: 'Ignore' });
      ignoring.spec.matchConstraints.objectSelector = { matchLabels: { policy: 'first' } };
      made.push('ignoring');
      await api.post(POLICIES, ignoring);
      await api.post(BINDINGS, {
        kind: 'MutatingAdmissionPolicyBinding',
        apiVersion: 'admissionregistration.k8s.io/v1',
        metadata: { name: 'ignoring' },
        spec: { policyName: 'ignoring' },
      });
      const kept = await api.post(place.widgets, widget('kept', 'first'));
      expect(kept.status).toBe(201);
      expect(kept.body.spec.note).toBe('first');
    });

    it('validates what a policy made', async () => {
      const api = connected();
      await inForce('wrong', "[JSONPatch{op: 'add', path: '/spec/colour', value: 'mauve'}]");
      const { status, body } = await api.post(place.widgets, widget('wrong', 'wrong'));
      expect(status).toBe(422);
      expect(body.message).toContain('spec.colour');
    });

    it('does nothing without a binding', async () => {
      const api = connected();
      made.push('unbound');
      await api.post(POLICIES, policy('unbound', "[JSONPatch{op: 'add', path: '/spec/note', value: 'x'}]"));
      const { body } = await api.post(place.widgets, widget('unbound', 'unbound'));
      expect(body.spec).not.toHaveProperty('note');
    });
  });
}
