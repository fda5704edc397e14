/**
 * Where a redirect leads, if we are willing to go there: to https at the same host, with the same POST, a few times.
 *
 * What one host is given at once and in a day is limited, and many hosts that redirect to one would go round that (RFC 8460 7).
 * 301 and 302 repeat the POST as well: the clients that turn it into a GET (RFC 9110 15.4.2) would lose the report.
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { quoteAnswer, type HttpAnswer } from './http-outcome.ts';

export type NextHop =
  { readonly kind: 'next-hop'; readonly url: URL } | Extract<DeliveryOutcome, { readonly kind: 'refused' }>;

const MAX_REDIRECTS = 3;
const SEE_OTHER = 303;
const REDIRECTS = new Set([301, 302, SEE_OTHER, 307, 308]);

export function isRedirect(answer: HttpAnswer): boolean {
  return REDIRECTS.has(answer.status);
}

/** `followed` counts the redirects of this attempt so far. */
export function nextHop(answer: HttpAnswer, from: URL, followed: number): NextHop {
  const refused = (why: string): NextHop => ({ kind: 'refused', reply: quoteAnswer(answer, why) });
  if (answer.status === SEE_OTHER) return refused('redirects to a GET, which would not carry the report');
  if (followed >= MAX_REDIRECTS) return refused(`redirects more than ${String(MAX_REDIRECTS)} times`);
  if (answer.location === null) return refused('redirects without saying where');
  if (!URL.canParse(answer.location, from.href)) return refused(`redirects to ${answer.location}, which is not a URL`);
  const url = new URL(answer.location, from);
  if (url.protocol !== 'https:') return refused(`redirects to ${url.href}, which is not https`);
  if (url.hostname !== from.hostname) return refused(`redirects to another host, ${url.hostname}`);
  if (hasCredentials(url)) return refused('redirects to a URL with credentials');
  return { kind: 'next-hop', url };
}

/** A URL of a stranger never makes us send an Authorization header. */
export function hasCredentials(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}
