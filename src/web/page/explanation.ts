/**
 * What a failure means, likely causes, and the check to run, for people who meet its result type on a page.
 */
import { domainToName, explainFailure } from '#tlsrpt/explain-failure.ts';
import type { FailureToExplain } from '#tlsrpt/explain-failure.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** `domain`: as somebody wrote it. */
export function explanation(failure: FailureToExplain): Html {
  const domain = domainToName(failure.domain);
  const check = html`<p><code>tlsrpt check ${domain}</code></p>`;
  const explained = explainFailure({ ...failure, domain });
  if (!explained)
    return html`<p>The sender has a name of its own for it; the details may say more.</p>
      ${check}`;
  return html`<p>${explained.sentences.join(' ')}</p>
    <ul>
      ${explained.causes.map((cause) => html`<li>${cause}</li>`)}
    </ul>
    ${check}`;
}

/** To be opened by who wants to know. */
export function foldedExplanation(failure: FailureToExplain): Html {
  return html`<details>
    <summary>${failure.resultType}: what it means</summary>
    ${explanation(failure)}
  </details>`;
}
