/**
 * Delivers reports by HTTPS POST (RFC 8460 3, 5.4), implementing the port of send.
 *
 * The reporting address is a stranger's choice, so each hop is checked before it is contacted (find-destination.ts), and time,
 * redirects and answers are bounded. Connections are kept for further reports to the same place. No cookies, no credentials. A second delivery sends the same bytes again.
 */
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { gzipText } from '#support/gzip-text.ts';
import { httpOutcome } from './http-outcome.ts';
import type { HttpsOptions } from './https-options.ts';
import { hasCredentials, isRedirect, nextHop } from './next-hop.ts';
import { PinnedAgents } from './pinned-agents.ts';
import { postOnce, type PostAttempt } from './post-once.ts';

export function httpsTransport(options: HttpsOptions): ReportTransport {
  const agents = new PinnedAgents(options);
  return {
    async deliver(report, to) {
      if (to.scheme !== 'https') throw new TypeError(`the HTTPS transport was given ${to.uri}`);
      const url = new URL(to.uri);
      if (hasCredentials(url)) return { kind: 'refused', reply: 'not contacted: the URL carries credentials' };
      const body = await gzipText(report.document);
      // RFC 8460 5.4: the gzip is the payload, so there is no Content-Encoding.
      const contentType = 'application/tlsrpt+gzip';
      return withinTime(options.timeoutMs, (signal) => transmit(url, { options, agents, contentType, body, signal }));
    },
    close() {
      agents.close();
      return Promise.resolve();
    },
  };
}

async function transmit(reportingUrl: URL, attempt: PostAttempt): Promise<DeliveryOutcome> {
  let url = reportingUrl;
  for (let followed = 0; ; followed += 1) {
    const answer = await postOnce(url, attempt);
    if (answer.kind !== 'answered') return answer;
    if (!isRedirect(answer)) return httpOutcome(answer);
    const next = nextHop(answer, url, followed);
    if (next.kind === 'refused') return next;
    url = next.url;
  }
}

/** Aborts at the end in any case, which closes the connections of answers that were not read to their end. */
async function withinTime<T>(timeoutMs: number, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, timeoutMs);
  try {
    return await attempt(controller.signal);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
