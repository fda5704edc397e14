/**
 * What every ReportTransport must do, run on each implementation against a real peer.
 *
 * A test file calls `describeReportTransport` with a function that starts a peer of the wanted behaviour and a transport that reaches it.
 * The transport for a silent peer should have a short time-out, since the suite waits for it.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { ReportTransport } from '#pipeline/send/report-transport.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { OutgoingReport } from '#tlsrpt/outgoing-report.ts';

/** accept: takes reports; temporary: 4xx in SMTP, 503 in HTTP; final: 5xx in SMTP, 404 in HTTP; absent: nobody listens; silent: never answers. */
export type PeerBehaviour = 'accept' | 'temporary' | 'final' | 'absent' | 'silent';

export interface TransportSubject {
  readonly transport: ReportTransport;
  /** Where the peer takes reports. */
  readonly address: Destination;
  /** The report-ids of the documents that the peer accepted, in their order; those transmitted again too, unless it keeps copies once. */
  readonly received: () => Promise<string[]>;
  readonly keepsCopiesOnce?: boolean;
  /** Ends the peer; the suite closes the transport before. */
  readonly stop: () => Promise<void>;
}

export type MakeTransportSubject = (peer: PeerBehaviour) => Promise<TransportSubject>;

export interface TransportTraits {
  /** What is on the other end always answers, so there is no silence to test. */
  readonly peerIsNeverSilent?: boolean;
}

export function describeReportTransport(
  name: string,
  makeSubject: MakeTransportSubject,
  { peerIsNeverSilent = false }: TransportTraits = {},
): void {
  describe(`${name} as a report transport`, () => {
    const started: TransportSubject[] = [];

    async function start(peer: PeerBehaviour): Promise<TransportSubject> {
      const subject = await makeSubject(peer);
      started.push(subject);
      return subject;
    }

    afterEach(async () => {
      for (const { transport, stop } of started.splice(0)) {
        await transport.close();
        await stop();
      }
    });

    it('delivers a report that the receiver accepts', async () => {
      const { transport, address, received } = await start('accept');
      const outcome = await transport.deliver(reportWithId('id-1@sender.example'), address);
      expect(outcome.kind).toBe('delivered');
      expect(outcome.reply).not.toBe('');
      expect(await received()).toEqual(['id-1@sender.example']);
    });

    it('delivers many reports at the same time', async () => {
      const { transport, address, received } = await start('accept');
      const ids = Array.from({ length: 8 }, (_, index) => `id-${String(index)}@sender.example`);
      const outcomes = await Promise.all(ids.map((id) => transport.deliver(reportWithId(id), address)));
      expect(outcomes.map(({ kind }) => kind)).toEqual(ids.map(() => 'delivered'));
      expect((await received()).sort()).toEqual(ids);
    });

    it('hands the same report over again under the same report-id', async () => {
      const { transport, address, received, keepsCopiesOnce } = await start('accept');
      const report = reportWithId('id-2@sender.example');
      await transport.deliver(report, address);
      const second = await transport.deliver(report, address);
      expect(second.kind).toBe('delivered');
      expect(await received()).toEqual(Array(keepsCopiesOnce === true ? 1 : 2).fill('id-2@sender.example'));
    });

    it('defers a report after a temporary answer', async () => {
      const { transport, address, received } = await start('temporary');
      const outcome = await transport.deliver(reportWithId('id-3@sender.example'), address);
      expect(outcome.kind).toBe('deferred');
      expect(outcome.reply).not.toBe('');
      expect(await received()).toEqual([]);
    });

    it('counts a report as refused after a final answer', async () => {
      const { transport, address, received } = await start('final');
      const outcome = await transport.deliver(reportWithId('id-4@sender.example'), address);
      expect(outcome.kind).toBe('refused');
      expect(outcome.reply).not.toBe('');
      expect(await received()).toEqual([]);
    });

    it('defers a report when nobody listens', async () => {
      const { transport, address } = await start('absent');
      const outcome = await transport.deliver(reportWithId('id-5@sender.example'), address);
      expect(outcome.kind).toBe('deferred');
      expect(outcome.reply).not.toBe('');
    });

    if (!peerIsNeverSilent)
      it('defers a report when the receiver stays silent', async () => {
        const { transport, address } = await start('silent');
        const outcome = await transport.deliver(reportWithId('id-6@sender.example'), address);
        expect(outcome.kind).toBe('deferred');
        expect(outcome.reply).not.toBe('');
      });

    it('closes without having delivered anything, and once more', async () => {
      const { transport } = await start('accept');
      await transport.close();
      await expect(transport.close()).resolves.toBeUndefined();
    });

    it('closes after a delivery, and once more', async () => {
      const { transport, address } = await start('accept');
      await transport.deliver(reportWithId('id-7@sender.example'), address);
      await transport.close();
      await expect(transport.close()).resolves.toBeUndefined();
    });
  });
}

/** A small but complete report (RFC 8460 4.4). */
export function reportWithId(reportId: string): OutgoingReport {
  return {
    reportId,
    policyDomain: 'good.example',
    submitterDomain: 'sender.example',
    fileName: `sender.example!good.example!1795046400!1795132799!${reportId.split('@')[0] ?? ''}.json.gz`,
    document: JSON.stringify({
      'organization-name': 'Sender',
      'date-range': { 'start-datetime': '2026-11-19T00:00:00Z', 'end-datetime': '2026-11-19T23:59:59Z' },
      'contact-info': 'tlsrpt@sender.example',
      'report-id': reportId,
      policies: [
        {
          policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'good.example' },
          summary: { 'total-successful-session-count': 3, 'total-failure-session-count': 0 },
        },
      ],
    }),
    summary: 'TLS report about good.example for 2026-11-19\n3 sessions succeeded, 0 failed.\n',
  };
}
