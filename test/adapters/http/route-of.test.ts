import { describe, expect, it } from 'vitest';
import { routeOf } from '#adapters/http/route-of.ts';

describe('A request', () => {
  it.each([
    ['GET', '/', { kind: 'greeting' }],
    ['HEAD', '/?pretty', { kind: 'greeting' }],
    ['POST', '/tlsrpt-alias/_doc', { kind: 'document', index: 'tlsrpt-alias' }],
    ['POST', '/tls%20rpt/_doc/?refresh=true', { kind: 'document', index: 'tls rpt' }],
    ['POST', '/_bulk', { kind: 'bulk', index: 'tlsrpt' }],
    ['PUT', '/other/_bulk', { kind: 'bulk', index: 'other' }],
    ['POST', '/v1/sessions', { kind: 'sessions' }],
    ['GET', '/_bulk', { kind: 'wrong-method', allowed: 'POST, PUT' }],
    ['DELETE', '/', { kind: 'wrong-method', allowed: 'GET, HEAD' }],
    ['POST', '/%zz/_doc', { kind: 'unknown' }],
    ['POST', `/${'x'.repeat(256)}/_doc`, { kind: 'unknown' }],
    ['POST', '/a/b/_doc', { kind: 'unknown' }],
    ['GET', '/_search', { kind: 'unknown' }],
    ['OPTIONS', '*', { kind: 'unknown' }],
  ])('%s %s', (method, url, route) => {
    expect(routeOf(method, url)).toEqual(route);
  });
});
