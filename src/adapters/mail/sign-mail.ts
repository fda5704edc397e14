/**
 * Signs a report mail with DKIM, once with each key (RFC 6376; Ed25519: RFC 8463), as RFC 8460 3 wants it of the reporting domain.
 *
 * It signs what composeReportMail wrote and nothing else: ASCII, CRLF, each header field once. Every field of the header is signed, and
 * named once more than it is there, so none can be added; so are those that are not there and would change how the mail is shown, answered
 * or decoded (RFC 6376 5.4, 8.15). The whole body is signed, never a part of it.
 */
import { createHash, sign as signBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { DkimKey } from './dkim-key.ts';

export interface DkimSigning {
  /** Whose signature it is, `d=`: the submitter's domain or one above it. */
  readonly domain: string;
  readonly keys: readonly DkimKey[];
}

const sign = promisify(signBytes);
const HEADER_END = '\r\n\r\n';
const FOLD = '\r\n ';
const BASE64_LINE = /.{1,72}/g;
/** Of the fields that a mail has once at most, those that ours has not (RFC 5322 3.6, RFC 2045 6). */
const KEPT_OUT = ['Sender', 'Reply-To', 'Cc', 'Content-Transfer-Encoding'];

/** The same mail with the signatures in front of it. */
export async function signMail(mail: Buffer, { domain, keys }: DkimSigning, nowMs: number): Promise<Buffer> {
  const text = mail.toString('latin1');
  const headerEnd = text.indexOf(HEADER_END);
  const fields = fieldsOf(text.slice(0, headerEnd));
  const body = text.slice(headerEnd + HEADER_END.length);
  const tags = {
    h: [...fields.flatMap(({ name }) => [name, name]), ...KEPT_OUT].join(`:${FOLD}`),
    bh: createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64'),
    t: String(Math.floor(nowMs / 1_000)),
  };
  const signatures = await Promise.all(keys.map((key) => signatureField(fields, { ...tags, domain, key })));
  return Buffer.concat([Buffer.from(signatures.join(''), 'latin1'), mail]);
}

interface Field {
  readonly name: string;
  readonly relaxed: string;
}

function fieldsOf(header: string): Field[] {
  return header.split(/\r\n(?![ \t])/).map((field) => {
    const colon = field.indexOf(':');
    return { name: field.slice(0, colon), relaxed: relaxedField(field.slice(0, colon), field.slice(colon + 1)) };
  });
}

/** RFC 6376 3.4.2 */
function relaxedField(name: string, value: string): string {
  return `${name.toLowerCase()}:${value
    .replace(/[\r\n]/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`;
}

/** RFC 6376 3.4.4 */
function relaxedBody(body: string): string {
  const lines = body.replace(/[ \t]+/g, ' ').replace(/ \r\n/g, '\r\n');
  return `${lines.replace(/[\r\n]+$/, '')}\r\n`;
}

interface Tags {
  readonly domain: string;
  readonly key: DkimKey;
  readonly h: string;
  readonly bh: string;
  readonly t: string;
}

async function signatureField(fields: readonly Field[], { domain, key, h, bh, t }: Tags): Promise<string> {
  const start = `v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain};`;
  const value = [start, `s=${key.selector}; t=${t};`, `h=${h};`, `bh=${bh};`, 'b='].join(FOLD);
  const signed = [...fields.map(({ relaxed }) => relaxed), relaxedField('DKIM-Signature', value)].join('\r\n');
  const b = (await signatureOf(Buffer.from(signed, 'latin1'), key)).toString('base64');
  return `DKIM-Signature: ${value}${(b.match(BASE64_LINE) ?? []).join(FOLD)}\r\n`;
}

/** RFC 8463 3: Ed25519 signs the hash. */
function signatureOf(signed: Buffer, { algorithm, key }: DkimKey): Promise<Buffer> {
  return algorithm === 'rsa-sha256'
    ? sign('sha256', signed, key)
    : sign(null, createHash('sha256').update(signed).digest(), key);
}
