/**
 * Who may post: the users and tokens in a file, one a line, `basic USER:PASSWORD` or `bearer TOKEN`.
 *
 * RFC 7617 (Basic), RFC 6750 2.1 (Bearer). What a request brings is compared by digests of one length, with all there are, so the time that it
 * takes tells nothing.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { readAuthorization } from './authorization.ts';

export type CredentialsReading =
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  /** `why` goes on from `line N `. */
  | { readonly kind: 'unusable'; readonly line: number; readonly why: string };

const LINE = /^(basic|bearer) +(\S.*)$/i;

export class Credentials {
  readonly #digests: readonly Buffer[];

  constructor(digests: readonly Buffer[]) {
    this.#digests = digests;
  }

  /** `header`: the one named Authorization. */
  allow(header: string | undefined): boolean {
    const authorization = readAuthorization(header);
    if (!authorization) return false;
    const given = digestOf(authorization.scheme, authorization.value);
    let isAllowed = false;
    for (const digest of this.#digests) isAllowed = timingSafeEqual(digest, given) || isAllowed;
    return isAllowed;
  }
}

export function readCredentials(content: string): CredentialsReading {
  const digests: Buffer[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, scheme, value] = LINE.exec(line) ?? [];
    if (scheme === undefined || value === undefined)
      return { kind: 'unusable', line: index + 1, why: 'is neither basic USER:PASSWORD nor bearer TOKEN' };
    if (scheme.toLowerCase() === 'basic' && !value.includes(':'))
      return { kind: 'unusable', line: index + 1, why: 'has no colon between user and password' };
    digests.push(digestOf(scheme, value));
  }
  if (digests.length === 0) return { kind: 'unusable', line: 1, why: 'is the end: the file has none' };
  return { kind: 'credentials', credentials: new Credentials(digests) };
}

function digestOf(scheme: string, value: string): Buffer {
  return hash('sha256', `${scheme.toLowerCase()} ${value}`, 'buffer');
}
