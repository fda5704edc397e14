/**
 * Fetches an MTA-STS policy as a sender does, implementing the port of check (RFC 8461 3.3): one GET, no redirect, status 200, a certificate
 * that is valid for the host, no more than 64 KB.
 *
 * Unlike a reporting address, the domain was named by whoever runs this, who may check servers of his own network, so any address is contacted.
 */
import fetch from 'node-fetch';
import type { Response } from 'node-fetch';
import type { FetchedPolicy, PolicyFetcher } from '#pipeline/check/policy-fetcher.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findDestination } from './find-destination.ts';
import type { HttpsOptions } from './https-options.ts';
import { networkTrouble } from './network-trouble.ts';
import { PinnedAgents } from './pinned-agents.ts';

type PolicyOptions = Omit<
  HttpsOptions,
  'anyCertificate' | 'allowPrivateDestinations' | 'ownAddresses' | 'maxResponseBytes'
>;

const MAX_POLICY_BYTES = 65_536; // RFC 8461 3.3
const MAX_WORDS_LENGTH = 200;
/** The names that Node.js gives to OpenSSL's verdicts on certificates. */
const ABOUT_CERTIFICATE =
  /^(CERT_|UNABLE_TO_|ERROR_IN_CERT_|INVALID_|DEPTH_ZERO_|SELF_SIGNED_|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT_ALTNAME_)/;

export function policyFetcher(options: PolicyOptions): PolicyFetcher {
  const httpsOptions: HttpsOptions = {
    ...options,
    anyCertificate: false,
    allowPrivateDestinations: true,
    ownAddresses: () => [],
    maxResponseBytes: MAX_POLICY_BYTES,
  };
  const agents = new PinnedAgents(httpsOptions);
  return {
    async fetch(url) {
      const deadline = { deadlineMs: options.timeoutMs, why: 'the time is over' };
      const fetched = await withinDeadline(deadline, (signal) =>
        fetchPolicy(url, { options: httpsOptions, agents, signal }),
      );
      return fetched ?? failed('no answer in time');
    },
    close: () => {
      agents.close();
    },
  };
}

interface Attempt {
  readonly options: HttpsOptions;
  readonly agents: PinnedAgents;
  readonly signal: AbortSignal;
}

async function fetchPolicy(url: URL, { options, agents, signal }: Attempt): Promise<FetchedPolicy> {
  const destination = await findDestination(url, options, signal);
  if (destination.kind !== 'reachable') return failed(destination.reply);
  try {
    const response = await fetch(url.href, {
      headers: { 'User-Agent': options.userAgent, 'Accept-Encoding': 'identity' },
      compress: false,
      redirect: 'manual',
      agent: agents.agentFor(url, destination),
      signal,
    });
    return await readResponse(response);
  } catch (error) {
    const { reply } = networkTrouble(url.host, error, signal);
    return isAboutCertificate(error) ? { kind: 'certificate-invalid', why: reply } : failed(reply);
  }
}

async function readResponse({ status, statusText, headers, body }: Response): Promise<FetchedPolicy> {
  const location = headers.get('Location');
  if (status >= 300 && status <= 399 && location !== null)
    return failed(`it redirects to ${cleanText(location, MAX_WORDS_LENGTH)}, which senders do not follow`);
  if (status !== 200) return failed(`HTTP ${String(status)} ${cleanText(statusText, MAX_WORDS_LENGTH)}`.trim());
  const content = await readBounded(body);
  if (!content) return failed(`it has more than ${String(MAX_POLICY_BYTES)} bytes`);
  return { kind: 'fetched', text: content.toString('utf8'), contentType: headers.get('Content-Type') ?? undefined };
}

/** Undefined for more than a policy may have. */
async function readBounded(body: NodeJS.ReadableStream | null): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(Buffer.from(chunk));
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_POLICY_BYTES) return undefined;
  }
  return Buffer.concat(chunks);
}

function isAboutCertificate(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && ABOUT_CERTIFICATE.test(error.code)
  );
}

function failed(why: string): FetchedPolicy {
  return { kind: 'failed', why };
}
