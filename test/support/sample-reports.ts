/**
 * Reports and report mails of real senders, which lie beside the project on some machines and are not a part of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['../../../shared/samples/reports/', '../../../../shared/samples/reports/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** Undefined where they are not there. */
export function sampleReport(name: string): Buffer | undefined {
  const path = FOLDERS.map((folder) => folder + name).find((candidate) => existsSync(candidate));
  return path === undefined ? undefined : readFileSync(path);
}

interface Expected {
  /** Of each policy: its type, the successful and failed sessions, and those of its failures. */
  readonly policies: string;
  readonly remarks?: string;
}

/** What each of them says. */
export const sampleReports: Readonly<Record<string, Expected | string>> = {
  'cryinc-microsoft.json': { policies: 'sts 2 0, tlsa 2 0', remarks: 'json-in-text' },
  'cryinc-no-policy.json': { policies: 'no-policy-found 1 0' },
  'cryinc-no_ip_and_mx.json': { policies: 'sts 0 3 sts-policy-fetch-error:3', remarks: 'report-id-cut' },
  'edge-trailing-crlf.json.gz': { policies: 'sts 5 0', remarks: 'trailing-content' },
  'edge-truncated-half.json.gz': 'truncated',
  'isseis-tlsrpt_success_microsoft.eml': { policies: 'sts 2 0' },
  'mailauth-rpt01.json': {
    policies: 'sts 5326 303 certificate-expired:100 starttls-not-supported:200 validation-failure:3',
    remarks: 'address-form',
  },
  'mailauth-rpt02.eml': { policies: 'sts 23 1 certificate-host-mismatch:1', remarks: 'media-type not-one-day' },
  'mox-google-2022.eml': { policies: 'sts 3 0' },
  'mox-rfc-multipart-json.eml': {
    policies: 'sts 5326 303 certificate-expired:100 starttls-not-supported:200 validation-failure:3',
    remarks: 'address-form',
  },
  'parsedmarc-mail.ru.json': {
    policies: 'sts 0 1 sts-policy-fetch-error:1 sts-policy-fetch-error:1',
    remarks: 'ends-at-midnight',
  },
  'parsedmarc-smtp_tls.json': {
    policies: 'sts 0 3 validation-failure:2 validation-failure:1',
    remarks: 'reason-missing',
  },
  'phiag-google.json': { policies: 'sts 53 0' },
  'phiag-microsoft.json': { policies: 'sts 18 0' },
  'phiag-rfc.json': {
    policies: 'sts 5326 303 certificate-expired:100 starttls-not-supported:200 validation-failure:3',
    remarks: 'address-form list-expected',
  },
  'reauth-stalwart-contact-null.json': { policies: 'sts 2 0', remarks: 'member-empty ends-at-midnight' },
};
