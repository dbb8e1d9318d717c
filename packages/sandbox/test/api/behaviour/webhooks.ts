import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { patchOf, startWebhook, type TestWebhook } from '../admission/webhook.ts';
import type { Connected } from '../behaviour.test.ts';
import { makeCertificate, type TestCertificate } from '../certificates.ts';
import { type Json, MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const NAME = 'suite.hooks.example.com';
const note = (value: string): Json => patchOf([{ op: 'add', path: '/spec/note', value }]);

export function describeWebhooks(connected: Connected): void {
  describe('mutating webhooks', () => {
    let place: Place;
    let certificate: TestCertificate;
    let hook: TestWebhook;
    beforeAll(async () => {
      place = await makePlace(connected());
      certificate = makeCertificate('IP:127.0.0.1');
      hook = await startWebhook(certificate);
    });
    afterAll(() => hook?.stop());
    afterEach(async () => {
      await connected().delete(`${CONFIGURATIONS}/suite`);
      await probe((stored) => stored.spec.note === undefined);
      hook.answer = async () => ({ allowed: true });
    });

    const webhook = (more: Json = {}): Json => ({
      name: NAME,
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: hook.url, caBundle: Buffer.from(certificate.ca).toString('base64') },
      objectSelector: { matchLabels: { hooked: 'yes' } },
      rules: [
        {
          apiGroups: ['suite.example.com'],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['widgets'],
        },
      ],
      ...more,
    });
    const widget = (name: string, spec: Json = {}): Json =>
      place.widget(name, spec, { labels: { hooked: 'yes' } });
    const post = (...webhooks: Json[]) =>
      connected().post(CONFIGURATIONS, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'suite' },
        webhooks,
      });
    /** Waits until a dry run comes out as expected: a real server takes a moment to notice a configuration. */
    async function probe(expected: (stored: Json) => boolean): Promise<void> {
      hook.answer = async () => note('probe');
      for (let attempt = 0; attempt < 100; attempt += 1) {
        const path = `${place.widgets}?dryRun=All`;
        const { body } = await connected().send('POST', path, widget('probe'));
        if (body.spec !== undefined && expected(body)) {
          hook.requests.length = 0;
          return;
        }
        await delay(100);
      }
      throw new Error('the configuration did not come into force');
    }
    const inForce = async (more: Json = {}): Promise<void> => {
      const stored = await post(webhook(more));
      expect(stored).toMatchObject({ status: 201 });
      await probe((made) => made.spec.note === 'probe');
    };

    it('fills in defaults and refuses what cannot work', async () => {
      const stored = await post(webhook());
      expect(stored.body.webhooks[0]).toMatchObject({
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'Never',
        timeoutSeconds: 10,
        namespaceSelector: {},
      });
      await connected().delete(`${CONFIGURATIONS}/suite`);
      for (const more of [
        { name: 'short' },
        { sideEffects: 'Some' },
        { timeoutSeconds: 31 },
        { admissionReviewVersions: [] },
        { clientConfig: { url: 'http://127.0.0.1/plain' } },
        { matchConditions: [{ name: 'a', expression: 'object.' }] },
      ]) {
        expect([more, (await post(webhook(more))).status]).toEqual([more, 422]);
      }
    });

    it('sends a review and applies the patch that comes back', async () => {
      await inForce();
      hook.answer = async () => ({ ...note('by-hook'), warnings: ['mind the gap'] });
      const { status, body, warnings } = await connected().post(place.widgets, widget('reviewed'));
      expect(status).toBe(201);
      expect(body.spec.note).toBe('by-hook');
      expect(warnings.join()).toContain('mind the gap');
      expect(hook.requests).toHaveLength(1);
      expect(hook.requests[0]).toMatchObject({
        kind: { group: 'suite.example.com', version: 'v1', kind: 'Widget' },
        resource: { group: 'suite.example.com', version: 'v1', resource: 'widgets' },
        operation: 'CREATE',
        name: 'reviewed',
        namespace: place.namespace,
        dryRun: false,
        oldObject: null,
        object: { kind: 'Widget', spec: { colour: 'red', replicas: 1 } },
      });
      await connected().patch(`${place.widgets}/reviewed`, MERGE_PATCH, { spec: { colour: 'blue' } });
      expect(hook.requests[1]).toMatchObject({
        operation: 'UPDATE',
        object: { spec: { colour: 'blue' } },
        oldObject: { spec: { colour: 'red', note: 'by-hook' } },
      });
    });

    it('passes on a refusal in the words of the webhook', async () => {
      await inForce();
      hook.answer = async () => ({ allowed: false, status: { code: 422, message: 'no such colour' } });
      const { status, body } = await connected().post(place.widgets, widget('refused'));
      expect(status).toBe(422);
      expect(body.message).toContain(`admission webhook "${NAME}" denied the request: no such colour`);
      hook.answer = async () => ({ allowed: false });
      const silent = await connected().post(place.widgets, widget('refused'));
      expect(silent.status).toBe(400);
      expect(silent.body.message).toBe(`admission webhook "${NAME}" denied the request without explanation`);
      expect(silent.body).not.toHaveProperty('reason');
      expect(silent.body).not.toHaveProperty('details');
      const details = { name: 'anything', kind: 'colours' };
      hook.answer = async () => ({ allowed: false, status: { code: 200, reason: 'Conflict', details } });
      const kind = await connected().post(place.widgets, widget('refused'));
      expect(kind.body).toMatchObject({ code: 400, reason: 'Conflict', details });
      expect(kind.body.message).toMatch(/denied the request: Conflict$/);
    });

    it('fails closed or open when the answer is no answer', async () => {
      await inForce();
      const answers: Json[] = [
        { code: 500 },
        { raw: { apiVersion: 'v1', kind: 'Status' } },
        {
          raw: {
            apiVersion: 'admission.k8s.io/v1',
            kind: 'AdmissionReview',
            response: { uid: 'x', allowed: true },
          },
        },
        { allowed: true, patch: Buffer.from('[]').toString('base64') },
      ];
      for (const answer of answers) {
        hook.answer = async () => answer;
        const { status, body } = await connected().post(place.widgets, widget('closed'));
        expect([answer, status]).toEqual([answer, 500]);
        expect(body.message).toContain(`failed calling webhook "${NAME}"`);
      }
      await connected().delete(`${CONFIGURATIONS}/suite`);
      await probe((made) => made.spec.note === undefined);
      await inForce({ failurePolicy: 'Ignore' });
      for (const [index, answer] of answers.entries()) {
        hook.answer = async () => answer;
        expect((await connected().post(place.widgets, widget(`open-${index}`))).status).toBe(201);
      }
    });

    it('trusts no certificate of another authority or for another name', async () => {
      const other = makeCertificate('DNS:elsewhere.example');
      const stranger = await startWebhook(other);
      try {
        for (const ca of [certificate.ca, other.ca]) {
          await inForce();
          const caBundle = Buffer.from(ca).toString('base64');
          const clientConfig = { url: stranger.url, caBundle };
          const patch = { webhooks: [webhook({ clientConfig })] };
          await connected().patch(`${CONFIGURATIONS}/suite`, MERGE_PATCH, patch);
          for (let attempt = 0; attempt < 100; attempt += 1) {
            const { status } = await connected().send('POST', `${place.widgets}?dryRun=All`, widget('probe'));
            if (status === 500) break;
            await delay(100);
          }
          const { status, body } = await connected().post(place.widgets, widget('distrusted'));
          expect(status).toBe(500);
          expect(body.message).toMatch(/certificate|self.signed|altnames/i);
          await connected().delete(`${CONFIGURATIONS}/suite`);
          await probe((made) => made.spec.note === undefined);
        }
      } finally {
        await stranger.stop();
      }
      expect(stranger.requests).toEqual([]);
    });

    it('looks at match conditions before it calls', async () => {
      await inForce({ matchConditions: [{ name: 'red', expression: "object.spec.colour == 'red'" }] });
      hook.answer = async () => note('by-hook');
      const blue = await connected().post(place.widgets, widget('blue', { colour: 'blue' }));
      expect(blue.body.spec).not.toHaveProperty('note');
      expect(hook.requests).toEqual([]);
      expect((await connected().post(place.widgets, widget('red'))).body.spec.note).toBe('by-hook');
    });

    it('comes after the policies, and does not see what it need not', async () => {
      await inForce();
      const seen: unknown[] = [];
      hook.answer = async (request) => {
        seen.push(request.object.spec.note);
        return { allowed: true };
      };
      const name = 'before-hooks';
      const rule = {
        apiGroups: ['suite.example.com'],
        apiVersions: ['v1'],
        operations: ['*'],
        resources: ['widgets'],
      };
      const root = '/apis/admissionregistration.k8s.io/v1';
      await connected().post(`${root}/mutatingadmissionpolicies`, {
        metadata: { name },
        spec: {
          reinvocationPolicy: 'IfNeeded',
          matchConstraints: { resourceRules: [rule], objectSelector: { matchLabels: { hooked: 'yes' } } },
          mutations: [
            {
              patchType: 'JSONPatch',
              jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/spec/note', value: 'policy'}]" },
            },
          ],
        },
      });
      const spec = { policyName: name };
      await connected().post(`${root}/mutatingadmissionpolicybindings`, { metadata: { name }, spec });
      for (let attempt = 0; attempt < 100 && seen.at(-1) !== 'policy'; attempt += 1) {
        await connected().send('POST', `${place.widgets}?dryRun=All`, widget('probe'));
        if (seen.at(-1) !== 'policy') await delay(100);
      }
      expect(seen.at(-1)).toBe('policy');
      // The policy asks to be run again when a webhook changed the object after it.
      hook.answer = async () => note('hook');
      expect((await connected().post(place.widgets, widget('both'))).body.spec.note).toBe('policy');
      await connected().delete(`${root}/mutatingadmissionpolicybindings/${name}`);
      await connected().delete(`${root}/mutatingadmissionpolicies/${name}`);
      await probe((made) => made.spec.note === 'probe');
    });

    it('takes the object of then when it changed while the webhook thought', async () => {
      await inForce();
      hook.answer = async () => ({ allowed: true });
      await connected().post(place.widgets, widget('busy'));
      let interfered = false;
      hook.answer = async (request) => {
        if (!interfered) {
          interfered = true;
          // A label that the webhook is not called for.
          await connected().patch(`${place.widgets}/busy`, MERGE_PATCH, { spec: { replicas: 7 } });
        }
        return note(String(request.object.spec.replicas));
      };
      const patch = { spec: { colour: 'green' } };
      const { status, body } = await connected().patch(`${place.widgets}/busy`, MERGE_PATCH, patch);
      expect(status).toBe(200);
      expect(body.spec).toMatchObject({ colour: 'green', replicas: 7, note: '7' });
    });
  });
}
