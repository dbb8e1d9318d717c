import { describe, expect, it } from 'vitest';
import { errorFromAnswer, errorFromTransport, isKubeError, KubeError } from '../../src/kube/errors.ts';

const status = (reason: string, message: string, details: object = {}): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details });

describe('errorFromAnswer', () => {
  it.each([
    [401, 'Unauthorized', 'unauthorized', false],
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
    const error = errorFromAnswer('get Pod a/b', code, status(reason, 'so it is'));
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
    const error = errorFromAnswer('apply X y', 409, status('Conflict', 'Apply failed', { causes }));
    expect(error).toMatchObject({
      kind: 'field-conflict',
      managers: ['argocd-controller', 'kubectl'],
      retryable: false,
    });
  });

  it('reads how long to wait', () => {
    const body = status('TooManyRequests', 'slow down', { retryAfterSeconds: 3 });
    expect(errorFromAnswer('list pods', 429, body).retryAfter).toBe(3000);
  });

  it('survives bodies that are no Status', () => {
    expect(errorFromAnswer('get X y', 502, '<html>Bad Gateway</html>').message).toBe(
      'get X y: <html>Bad Gateway</html>',
    );
    expect(errorFromAnswer('get X y', 500, '').message).toBe('get X y: HTTP 500');
    expect(errorFromAnswer('get X y', 500, 'x'.repeat(5000)).message.length).toBeLessThan(400);
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
