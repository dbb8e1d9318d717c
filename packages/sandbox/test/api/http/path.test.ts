import { describe, expect, it } from 'vitest';
import { negotiate } from '../../../src/api/http/accept.ts';
import { parsePath } from '../../../src/api/http/path.ts';

describe('resource paths', () => {
  it.each([
    ['/api/v1/nodes', ['', 'v1', '', 'nodes', '', '']],
    ['/api/v1/nodes/a', ['', 'v1', '', 'nodes', 'a', '']],
    ['/api/v1/nodes/a/status', ['', 'v1', '', 'nodes', 'a', 'status']],
    ['/api/v1/namespaces', ['', 'v1', '', 'namespaces', '', '']],
    ['/api/v1/namespaces/n', ['', 'v1', '', 'namespaces', 'n', '']],
    ['/api/v1/namespaces/n/finalize', ['', 'v1', '', 'namespaces', 'n', 'finalize']],
    ['/api/v1/namespaces/n/status', ['', 'v1', '', 'namespaces', 'n', 'status']],
    ['/api/v1/namespaces/n/pods', ['', 'v1', 'n', 'pods', '', '']],
    ['/apis/apps/v1/namespaces/n/deployments/d/scale', ['apps', 'v1', 'n', 'deployments', 'd', 'scale']],
    ['/apis/g/v1/namespaces/n/things/a%3Ab', ['g', 'v1', 'n', 'things', 'a:b', '']],
  ])('%s', (path, [group, version, namespace, plural, name, subresource]) => {
    expect(parsePath(path)).toEqual({ group, version, namespace, plural, name, subresource });
  });

  it.each([
    '/',
    '/api',
    '/api/v1',
    '/apis/apps/v1',
    '/other/v1/pods',
    '/api/v1/pods/a/log',
    '/api/v1/pods/%E0%A4%A',
    '/api/v1/namespaces/n/pods/a/status/more',
  ])('%s is none', (path) => {
    expect(parsePath(path)).toBeUndefined();
  });
});

describe('negotiation', () => {
  it.each([
    [undefined, 'object'],
    ['*/*', 'object'],
    ['application/json', 'object'],
    ['application/vnd.kubernetes.protobuf, application/json', 'object'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'table'],
    ['application/json;as=Table;v=v2;g=meta.k8s.io,application/json', 'object'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'metadata'],
  ])('%s is %s', (header, form) => {
    expect(negotiate(header)?.form).toBe(form);
  });

  it.each([
    'text/html',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Unknown;g=meta.k8s.io;v=v1',
  ])('%s is not served', (header) => {
    expect(negotiate(header)).toBeUndefined();
  });
});
