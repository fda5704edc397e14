/**
 * Datagrams as Postfix sends them, of about 530 bytes, for as many domains as a benchmark wants.
 */
export interface CorpusOptions {
  readonly domains: number;
  /** From 0 to 1: how many sessions fail, each with addresses of its own. */
  readonly failures: number;
}

const ADDRESSES = 250;

/** The datagram of the `index`-th session. Successes with one domain are byte for byte the same. */
export function datagramOf(index: number, { domains, failures }: CorpusOptions): Buffer {
  const domain = `d${String(index % domains).padStart(7, '0')}.benchmark.example`;
  const failed = (index * 7919) % 1000 < failures * 1000;
  return Buffer.from(JSON.stringify(session(domain, failed ? index : undefined)));
}

function session(domain: string, failedIndex: number | undefined): unknown {
  return {
    d: domain,
    pr: `v=TLSRPTv1;rua=mailto:tls-reports@${domain},https://reports.${domain}/v1/tlsrpt`,
    policies: [
      {
        'policy-type': 2,
        'policy-domain': domain,
        'policy-string': [
          'version: STSv1',
          'mode: enforce',
          `mx: mx1.${domain}`,
          `mx: mx2.${domain}`,
          'max_age: 604800',
        ],
        'mx-host': [`mx1.${domain}`, `mx2.${domain}`],
        ...(failedIndex === undefined
          ? { t: 0, f: 0 }
          : { 'failure-details': [failure(domain, failedIndex)], t: 1, f: 1 }),
      },
    ],
  };
}

function failure(domain: string, index: number): unknown {
  const host = String(index % ADDRESSES);
  return {
    c: 204,
    s: '192.0.2.1',
    n: `mx1.${domain}`,
    h: `250-mx1.${domain}\r\n250-STARTTLS\r\n250 8BITMIME`,
    r: `198.51.100.${host}`,
  };
}
