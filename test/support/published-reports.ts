/**
 * Reports as reporters publish them for each other.
 */
import type { PublishedReport } from '#pipeline/share/shared-reports.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';

export function publishedReport(policyDomain: string, wish: Partial<Delivery> = {}): PublishedReport {
  const [reportId, destination] = [`2026-11-19.${policyDomain}.abc@sender.example`, `mailto:tls@${policyDomain}`];
  const names = { reportId, policyDomain, submitterDomain: 'sender.example' };
  const texts = { fileName: 'f.json.gz', document: '{"policies":[]}', summary: 'Grüße\n' };
  const times = { firstAttemptMs: undefined, lastAttemptMs: undefined, nextAttemptMs: 5 };
  return {
    report: {
      outgoing: { ...names, ...texts },
      destinations: [destination],
      reported: { subject: `s.${policyDomain}`, revision: 0, counts: '[]', lookedUpRecord: undefined },
    },
    deliveries: [{ ...names, destination, state: 'queued', attempts: 0, lastResult: undefined, ...times, ...wish }],
  };
}
