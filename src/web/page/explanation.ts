/**
 * What a failure means, likely causes, and the check to run, for people who meet its result type on a page.
 */
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { causesOf } from '#tlsrpt/result-type-causes.ts';
import { meaningOf } from '#tlsrpt/result-type-meaning.ts';
import { isKnownResultType, readResultType } from '#tlsrpt/result-type.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

export interface Explained {
  readonly resultType: string;
  readonly policyType?: string | undefined;
  /** Whose mail server it is about. */
  readonly domain: string;
}

export function explanation({ resultType, policyType, domain }: Explained): Html {
  const name = isUsableDomain(domain) ? domain : 'DOMAIN';
  const said = (text: string): string => text.replaceAll('DOMAIN', name);
  const [type, policy] = [readResultType(resultType), readPolicyType(policyType) ?? 'no-policy-found'];
  const check = html`<p><code>tlsrpt check ${name}</code></p>`;
  if (type === undefined || !isKnownResultType(type))
    return html`<p>The sender has a name of its own for it; the details may say more.</p>
      ${check}`;
  const known = meaningOf(type, policy);
  return html`<p>${said(known.meaning)} Check ${said(known.check)}</p>
    <ul>
      ${causesOf(type, policy).map(({ sign, cause }) => html`<li>If ${said(sign)}: ${said(cause)}</li>`)}
    </ul>
    ${check}`;
}

/** To be opened by who wants to know. */
export function foldedExplanation(explained: Explained): Html {
  return html`<details>
    <summary>${explained.resultType}: what it means</summary>
    ${explanation(explained)}
  </details>`;
}
