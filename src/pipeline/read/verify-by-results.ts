/**
 * Believes what our own mail server found out about a mail (RFC 8601), and nobody else.
 *
 * Who sends a mail can put such fields into it, so a mail server removes those that bear its name (RFC 8601 5) and puts its own on top. Of
 * those that have the name only the topmost is believed, and such as follow it directly, as each of several filters adds one of its own. In
 * a mail that was forwarded as part of another one nobody removed anything.
 */
import { readAuthenticationResults } from '#tlsrpt/authentication-results.ts';
import type { DkimResult } from '#tlsrpt/authentication-results.ts';
import { isSignerOf } from '#tlsrpt/verification.ts';
import type { NamedSenders, Verification } from '#tlsrpt/verification.ts';
import type { SenderClaims } from './mail-opener.ts';
import { namedSenders } from './named-senders.ts';

export interface TrustedServer {
  /** Lower case. */
  readonly authservId: string;
  /** Whether the mail is part of another one. */
  readonly isForwarded: boolean;
}

const method = 'authentication-results';

export function verifyByResults(claims: SenderClaims, { authservId, isForwarded }: TrustedServer): Verification {
  if (isForwarded) return { method, result: 'none', why: 'it was forwarded, and no mail server of ours looked at it' };
  const results = trustedResults(claims, authservId);
  if (results === undefined) return { method, result: 'none', why: `${authservId} says nothing about DKIM` };
  const named = namedSenders(claims);
  return named === undefined
    ? { method, result: 'fail', why: 'the mail names several submitters' }
    : judge(results, named, authservId);
}

function judge(results: readonly DkimResult[], named: NamedSenders, authservId: string): Verification {
  const passed = results.filter(({ result }) => result === 'pass');
  const right = passed.find(({ domain }) => domain !== undefined && isSignerOf(domain, named));
  if (right) {
    const { domain, selector } = right;
    return { method, result: 'pass', domain, selector, why: `${authservId} found a signature of ${domain ?? ''}` };
  }
  const [first] = [...passed, ...results];
  if (first === undefined || first.result === 'none')
    return { method, result: 'none', why: `${authservId} found no signature` };
  const { result, domain, selector } = first;
  if (result === 'temperror')
    return { method, result, domain, selector, why: `${authservId} could not verify the signature` };
  const why = result === 'pass' ? NOT_OF_SENDER : `${authservId} says of the signature: ${result}`;
  return { method, result: 'fail', domain, selector, why };
}

const NOT_OF_SENDER = 'the signature is not of the domain of From and of the submitter';

/** Undefined where nothing is said of DKIM. */
function trustedResults({ authenticationResults }: SenderClaims, id: string): readonly DkimResult[] | undefined {
  const of = (value: string): readonly DkimResult[] | undefined => {
    const read = readAuthenticationResults(value);
    return read?.authservId === id ? read.dkim : undefined;
  };
  const top = authenticationResults.findIndex(({ value }) => of(value) !== undefined);
  for (const [offset, { at, value }] of (top < 0 ? [] : authenticationResults.slice(top)).entries()) {
    const results = of(value);
    if (results === undefined || at !== (authenticationResults[top]?.at ?? 0) + offset) break;
    if (results.length > 0) return results;
  }
  return undefined;
}
