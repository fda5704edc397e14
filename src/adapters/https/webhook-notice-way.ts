/**
 * Tells notices to a webhook, implementing the port of notify: one POST with JSON, no redirect, and any 2xx is good.
 *
 * The operator named the endpoint, so it may be at any address, and is found as the system finds hosts, unless a proxy or a route leads there. The
 * certificate has to be right. The path of the URL may be a secret and is told nobody.
 */
import type { NoticeOutcome, NoticeWay } from '#pipeline/notify/notice-way.ts';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import { bareHost } from './connect-to.ts';
import type { ConnectTo } from './connect-to.ts';
import { httpOutcome } from './http-outcome.ts';
import type { HttpsOptions } from './https-options.ts';
import { PinnedAgents } from './pinned-agents.ts';
import { postOnce } from './post-once.ts';

export interface WebhookOptions extends Omit<
  HttpsOptions,
  'anyCertificate' | 'allowPrivateDestinations' | 'ownAddresses'
> {
  readonly url: URL;
  /** What a notice is as JSON. */
  readonly bodyOf: (notice: Parameters<NoticeWay['tell']>[0]) => string;
}

const HTTPS_PORT = 443;

export function webhookNoticeWay({ url, bodyOf, ...given }: WebhookOptions): NoticeWay {
  const connectTo = given.proxy ? given.connectTo : [...given.connectTo, itself(url)];
  const options = {
    ...given,
    connectTo,
    anyCertificate: false,
    allowPrivateDestinations: true,
    ownAddresses: () => [],
  };
  const agents = new PinnedAgents(options);
  return {
    name: `the webhook at ${url.host}`,
    async tell(notice, ending): Promise<NoticeOutcome> {
      const atEnding = { mayHaveArrived: false };
      const noteArrival = (): void => {
        atEnding.mayHaveArrived = agents.mayHaveSent;
      };
      ending.addEventListener('abort', noteArrival); // before the request is ended by it
      const [contentType, body] = ['application/json', Buffer.from(bodyOf(notice))];
      const deadline = { deadlineMs: options.timeoutMs, why: 'the time is over', stopping: ending };
      const answer = await withinDeadline(deadline, (signal) =>
        postOnce(url, { options, agents, contentType, body, signal }),
      );
      ending.removeEventListener('abort', noteArrival);
      if (answer?.kind === 'answered') return outcomeOf(httpOutcome(answer));
      if (atEnding.mayHaveArrived) return { kind: 'cut-off', why: 'the run was ended before it answered' };
      if (ending.aborted) return { kind: 'not-told', why: 'the run was ended before it was asked' };
      return answer ? outcomeOf(answer) : { kind: 'not-told', why: 'no answer in time' };
    },
    close() {
      agents.close();
      return Promise.resolve();
    },
  };
}

function outcomeOf({ kind, reply }: DeliveryOutcome): NoticeOutcome {
  return kind === 'delivered' ? { kind: 'told', reply } : { kind: 'not-told', why: reply };
}

/** A route of the operator's to where the URL says. */
function itself({ hostname, port }: URL): ConnectTo {
  const [host, number] = [bareHost(hostname), port === '' ? HTTPS_PORT : Number(port)];
  return { host, port: number, toHost: host, toPort: number };
}
