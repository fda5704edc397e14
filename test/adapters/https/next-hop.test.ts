import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '#adapters/https/http-outcome.ts';
import { isRedirect, nextHop } from '#adapters/https/next-hop.ts';

const FROM = new URL('https://rua.good.example/v1/report');

function redirect(location: string | null, status = 307): HttpAnswer {
  return { kind: 'answered', status, statusText: '', body: '', location, retryAfter: null, date: null };
}

describe('isRedirect', () => {
  it.each([301, 302, 303, 307, 308])('sees %i as a redirect', (status) => {
    expect(isRedirect(redirect('/', status))).toBe(true);
  });

  it.each([200, 300, 304, 305, 400])('does not see %i as one', (status) => {
    expect(isRedirect(redirect('/', status))).toBe(false);
  });
});

describe('nextHop', () => {
  it.each([
    ['https://RUA.good.example/', 'https://rua.good.example/'],
    ['/elsewhere', 'https://rua.good.example/elsewhere'],
    ['v2', 'https://rua.good.example/v1/v2'],
    ['//rua.good.example:8443/x', 'https://rua.good.example:8443/x'],
  ])('follows %s', (location, url) => {
    expect(nextHop(redirect(location), FROM, 2)).toEqual({ kind: 'next-hop', url: new URL(url) });
  });

  it.each([
    ['http://rua.good.example/', 'HTTP 307: redirects to http://rua.good.example/, which is not https'],
    ['file:///etc/passwd', 'HTTP 307: redirects to file:///etc/passwd, which is not https'],
    ['https://', 'HTTP 307: redirects to https://, which is not a URL'],
    ['https://other.example/', 'HTTP 307: redirects to another host, other.example'],
    ['//v2.rua.good.example/', 'HTTP 307: redirects to another host, v2.rua.good.example'],
    ['https://u:p@rua.good.example/', 'HTTP 307: redirects to a URL with credentials'],
    [null, 'HTTP 307: redirects without saying where'],
  ])('refuses %s', (location, reply) => {
    expect(nextHop(redirect(location), FROM, 0)).toEqual({ kind: 'refused', reply });
  });

  it('refuses to turn the POST into a GET', () => {
    const next = nextHop(redirect('/thanks', 303), FROM, 0);
    expect(next).toEqual({
      kind: 'refused',
      reply: 'HTTP 303: redirects to a GET, which would not carry the report',
    });
  });

  it('refuses the fourth redirect', () => {
    expect(nextHop(redirect('/again'), FROM, 3)).toEqual({
      kind: 'refused',
      reply: 'HTTP 307: redirects more than 3 times',
    });
  });
});
