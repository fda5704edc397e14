/**
 * The texts of a report as the outbox keeps them, compressed.
 *
 * They are kept and not derived: another version of this program may word them otherwise, and each attempt gives the same bytes. Most of
 * a report is what every report has, so it is compressed against such a text, which belongs to the version of the file and never changes,
 * and against its report-id, which stands beside it.
 * Problems: store-damaged.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { messageOf } from '#support/problem.ts';
import { damagedReport } from '../store-problem.ts';

export interface ReportTexts {
  readonly subject: string;
  readonly document: string;
  readonly fileName: string;
  readonly counts: string;
  readonly summary: string;
}

/** A record separator: JSON escapes it, and no file name has it. */
const SEPARATOR = '\x1e';

/** What occurs most stands last. */
const COMMON_TEXT = Buffer.from(`
  Check whether the server offers STARTTLS to every client, and whether something between strips it.
certificate-host-mismatch certificate-not-trusted validation-failure starttls-not-supported sts-webpki-invalid
sts-policy-fetch-error sts-policy-invalid tlsa-invalid dnssec-invalid dane-required
In some sessions TLS could not be set up, or not as the policy asks. A session
is one connection: the mail may have been delivered all the same, over another
one or, where the policy allows it, without TLS.
What that means:

certificate-expired
  The certificate of the server was past its last day.
  Check whether it was renewed, and whether the server was reloaded after
  that.
No policy found for DANE policy of "mode: testing",
"policy-type": "no-policy-found", "policy-type": "tlsa", "policy-string": ["3 1 1 "]
      },
      "failure-details": [
        {
          "result-type": "starttls-not-supported",
          "sending-mta-ip": "192.0.2.1",
          "receiving-mx-hostname": "mx1.",
          "receiving-mx-helo": "mx1.",
          "receiving-ip": "198.51.100.",
          "failure-reason-code": "",
          "failed-session-count": 1
        }
      ]
{
  "organization-name": "",
  "date-range": {
    "start-datetime": "2026-01-02T00:00:00Z",
    "end-datetime": "2026-01-02T23:59:59Z"
  },
  "contact-info": "tlsrpt@",
  "report-id": "2026-01-02.",
  "policies": [
    {
      "policy": {
        "policy-type": "sts",
        "policy-string": [
          "version: STSv1",
          "mode: enforce",
          "mx: mx1.",
          "mx: mail.",
          "max_age: 604800"
        ],
        "policy-domain": "",
        "mx-host": [
          "mx1.",
          "mx2."
        ]
      },
      "summary": {
        "total-successful-session-count": 10,
        "total-failure-session-count": 0
      }
    }
  ]
}
${SEPARATOR}!1767312000!1767398399!.json.gz${SEPARATOR}[["",10,0,[]]]${SEPARATOR}SMTP TLS report about
on 2026-01-02, from 00:00 to 24:00 UTC,
from <tlsrpt@>.

All is well: in all sessions TLS was set up, and as the policy asks.

MTA-STS policy of : 10 sessions succeeded, 0 failed

The report itself, a JSON document (RFC 8460), has all the details.
`);

/** Little memory is enough for short texts, and costs less time. */
const FORM = { windowBits: 13, memLevel: 6 } as const;

/** For each report Node.js takes a buffer of this size, by default 16 KiB, and a further one for what is larger. */
const PACKED_CHUNK_BYTES = 2_048;

/** An earlier version compressed against the common text alone. */
export type PackedAgainst = 'common-text' | 'common-text-and-id';

export function packTexts(reportId: string, { subject, document, fileName, counts, summary }: ReportTexts): Buffer {
  const dictionary = dictionaryFor(reportId, 'common-text-and-id');
  const text = [subject, document, fileName, counts, summary].join(SEPARATOR);
  return deflateRawSync(text, { ...FORM, chunkSize: PACKED_CHUNK_BYTES, dictionary });
}

/** Text that is not compressed comes from a file of an older version. What is not as it was written is a problem with that report alone. */
export function unpackTexts(reportId: string, content: unknown, against: PackedAgainst): ReportTexts {
  const text =
    content instanceof Uint8Array ? inflated(reportId, content, dictionaryFor(reportId, against)) : String(content);
  const [subject = '', document = '', fileName = '', counts = '', ...summary] = text.split(SEPARATOR);
  if (!isJson(document)) throw damagedReport(reportId, 'its document is not JSON');
  if (counts !== '' && !isJson(counts)) throw damagedReport(reportId, 'its counts are not JSON');
  return { subject, document, fileName, counts, summary: summary.join(SEPARATOR) };
}

function dictionaryFor(reportId: string, against: PackedAgainst): Buffer {
  return against === 'common-text' ? COMMON_TEXT : Buffer.concat([COMMON_TEXT, Buffer.from(reportId)]);
}

function inflated(reportId: string, content: Uint8Array, dictionary: Buffer): string {
  try {
    return inflateRawSync(content, { ...FORM, dictionary }).toString('utf8');
  } catch (error) {
    throw damagedReport(reportId, messageOf(error));
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
