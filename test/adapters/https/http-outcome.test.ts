import { describe, expect, it } from 'vitest';
import { httpOutcome, quoteAnswer, type HttpAnswer } from '#adapters/https/http-outcome.ts';

function answer(status: number, changes: Partial<HttpAnswer> = {}): HttpAnswer {
  const absent = { statusText: '', body: '', location: null, retryAfter: null, date: null };
  return { kind: 'answered', status, ...absent, ...changes };
}

describe('httpOutcome', () => {
  it.each([200, 201, 202, 204, 299])('counts %i as delivered', (status) => {
    expect(httpOutcome(answer(status)).kind).toBe('delivered');
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('defers after %i', (status) => {
    expect(httpOutcome(answer(status)).kind).toBe('deferred');
  });

  it.each([300, 304, 400, 401, 403, 404, 405, 410, 413, 415, 422])('counts %i as refused', (status) => {
    expect(httpOutcome(answer(status)).kind).toBe('refused');
  });

  it('passes on how long the server wants to be left alone', () => {
    expect(httpOutcome(answer(503, { retryAfter: '60' }))).toEqual({
      kind: 'deferred',
      reply: 'HTTP 503',
      retryAfterMs: 60_000,
    });
  });
});

describe('quoteAnswer', () => {
  it('gives the status line and the words of the server', () => {
    const quoted = quoteAnswer(answer(429, { statusText: 'Too Many Requests', body: 'slow down\n' }));
    expect(quoted).toBe('HTTP 429 Too Many Requests: slow down');
  });

  it('cleans what the server wrote of control characters', () => {
    const quoted = quoteAnswer(answer(500, { statusText: 'Oh\u0007', body: '\u001b[31mred\r\n\tgreen\u0000' }));
    expect(quoted).toBe('HTTP 500 Oh: [31mred green');
  });

  it('cuts what the server wrote', () => {
    const quoted = quoteAnswer(answer(500, { statusText: 's'.repeat(1_000), body: 'b'.repeat(10_000) }));
    expect(quoted).toBe(`HTTP 500 ${'s'.repeat(80)}: ${'b'.repeat(200)}`);
  });
});
