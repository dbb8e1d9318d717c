import { describe, expect, it } from 'vitest';
import {
  errorFromAnswer,
  errorFromTransport,
  isKubeError,
  KubeError,
  lineOf,
} from '../../src/kube/errors.ts';

const status = (reason: string, message: string, details: object = {}): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details });

const answered = (what: string, code: number, body: string, path = '/api/v1/pods'): KubeError =>
  errorFromAnswer('https://hub:6443', { what, path }, code, body);

describe('errorFromAnswer', () => {
  it.each([
    [403, 'Forbidden', 'forbidden', false],
    [404, 'NotFound', 'not-found', false],
    [409, 'Conflict', 'conflict', true],
    [409, 'AlreadyExists', 'already-exists', false],
    [410, 'Expired', 'gone', true],
    [422, 'Invalid', 'invalid', false],
    [429, 'TooManyRequests', 'throttled', true],
    [500, 'InternalError', 'server', true],
    [503, 'ServiceUnavailable', 'server', true],
  ])('maps %i %s to %s', (code, reason, kind, retryable) => {
    const error = answered('get Pod a/b', code, status(reason, 'so it is'));
    expect(error).toMatchObject({ kind, retryable, status: code, message: 'get Pod a/b: so it is' });
  });

  it('tells a field conflict from a changed object, and names the managers', () => {
    const causes = [
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "argocd-controller" using policy.karmada.io/v1alpha1',
        field: '.spec.x',
      },
      { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.spec.y' },
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "kubectl" with subresource "status"',
        field: '.z',
      },
    ];
    const error = answered('apply X y', 409, status('Conflict', 'Apply failed', { causes }));
    expect(error).toMatchObject({
      kind: 'field-conflict',
      managers: ['argocd-controller', 'kubectl'],
      retryable: false,
    });
  });

  it('reads how long to wait', () => {
    const body = status('TooManyRequests', 'slow down', { retryAfterSeconds: 3 });
    expect(answered('list pods', 429, body).retryAfter).toBe(3000);
  });

  it('names the server and the remedy for credentials that it does not take', () => {
    for (const body of [status('Unauthorized', 'Unauthorized'), '<html>']) {
      expect(answered('get X y', 401, body)).toMatchObject({
        kind: 'unauthorized',
        message:
          'API server https://hub:6443: get X y: Unauthorized; check the credentials in the kubeconfig',
      });
    }
  });

  it.each([404, 500, 403, 418])('tells %i from something else than Kubernetes, without its text', (code) => {
    for (const body of ['<html>s3cret</html>', '{"message":"s3cret"}', '', '404 page not found']) {
      expect(answered('get X y', code, body).message).toBe(
        `API server https://hub:6443 answered ${code}, not like Kubernetes: check the server in the kubeconfig`,
      );
    }
  });

  it('takes no object for gone on the word of something else than Kubernetes', () => {
    expect(answered('get X y', 404, '<html>')).toMatchObject({ kind: 'server', retryable: true });
    expect(answered('list x', 404, '404 page not found\n', '/apis/example.com/v1/x').kind).toBe('not-found');
  });
});

describe('lineOf', () => {
  it.each([
    [429, status('TooManyRequests', 'slow down'), 'get X y: slow down; it refuses for now: try again'],
    [503, '', 'API server https://hub:6443 answered 503; it refuses for now: try again'],
    [403, status('Forbidden', 'not you'), 'get X y: not you'],
    [409, status('Conflict', 'changed'), null],
  ])('of %i', (code, body, line) => {
    expect(lineOf(answered('get X y', code, body))).toBe(line);
  });

  it('knows no other errors', () => {
    expect(lineOf(new Error('x'))).toBeNull();
  });
});

describe('errorFromTransport', () => {
  const failed = (code: string): Error =>
    new TypeError('fetch failed', { cause: Object.assign(new Error('deep'), { code }) });

  it('names the server and the remedy, in one line', () => {
    const error = errorFromTransport('https://hub:6443', failed('ECONNREFUSED'));
    expect(error.kind).toBe('unreachable');
    expect(error.message).toBe(
      "API server https://hub:6443 cannot be reached (ECONNREFUSED); check the server's address in the kubeconfig and that it is running",
    );
  });

  it('takes a certificate that is not trusted for a mistake in the kubeconfig', () => {
    const error = errorFromTransport('https://hub:6443', failed('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
    expect(error).toMatchObject({ kind: 'misconfigured', retryable: false });
    expect(error.message).toContain('certificate-authority-data');
  });

  it('repeats no free text, which may hold what was sent', () => {
    const cause = Object.assign(new Error('got s3cret'), { name: 'HTTPParserError', code: undefined });
    expect(errorFromTransport('https://hub', new TypeError('s3cret', { cause })).message).toContain(
      'cannot be reached (its answer is not HTTP)',
    );
    expect(errorFromTransport('https://hub', new TypeError('bad header s3cret')).message).not.toContain(
      's3cret',
    );
  });

  it('does not take an abort for an error of the server', () => {
    const abort = new DOMException('stop', 'AbortError');
    expect(errorFromTransport('https://hub', abort).kind).toBe('aborted');
  });

  it('passes on what is explained already', () => {
    const error = new KubeError('gone', 'x');
    expect(errorFromTransport('https://hub', error)).toBe(error);
    expect(isKubeError(error, 'gone', 'server')).toBe(true);
    expect(isKubeError(error, 'server')).toBe(false);
    expect(isKubeError(new Error('x'))).toBe(false);
  });
});
