import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliveryDocument, readDocument, reportDocument } from '#adapters/opensearch/report-document.ts';
import { publishedReport } from '#test/support/published-reports.ts';

describe('the documents of a report', () => {
  const published = publishedReport('a.example');

  it('hold all of it', () => {
    const { report } = published;
    expect(readDocument(reportDocument(published, 1).source)).toEqual({ kind: 'report', bucket: 1, report });
    const [delivery] = published.deliveries;
    if (!delivery) throw new Error('there is one');
    const { submitterDomain: ofReport, ...own } = delivery;
    const document = readDocument(JSON.parse(JSON.stringify(deliveryDocument(delivery, 1).source)));
    expect([document, ofReport]).toEqual([{ kind: 'delivery', delivery: own }, 'sender.example']);
  });

  it('are in the order of the reports, each before its deliveries', () => {
    const [delivery] = published.deliveries;
    if (!delivery) throw new Error('there is one');
    const key = ({ source }: { source: object }): string => (source as { key: string }).key;
    const [report, its] = [key(reportDocument(published, 1)), key(deliveryDocument(delivery, 1))];
    expect([report < its, its < key(reportDocument(publishedReport('b.example'), 1))]).toEqual([true, true]);
  });

  it('are not taken from anything else, however large it would be', () => {
    const bomb = deflateRawSync(Buffer.alloc(100 * 1024 ** 2)).toString('base64');
    expect(readDocument({ kind: 'report', bucket: 1, content: bomb })).toBeUndefined();
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(readDocument(anything)).toBeUndefined();
      }),
    );
  });
});
