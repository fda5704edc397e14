/**
 * Takes a report's mail apart as a receiver would: MIME, base64, gzip, JSON.
 */
import { gunzipSync } from 'node:zlib';
import PostalMime from 'postal-mime';

export interface ReadReportMail {
  /** By lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly document: unknown;
}

/** `raw` has one character for each octet. */
export async function readReportMail(raw: string): Promise<ReadReportMail> {
  const mail = await PostalMime.parse(Buffer.from(raw, 'latin1'));
  const [attachment, ...others] = mail.attachments;
  if (attachment === undefined || others.length > 0) throw new Error('not exactly one attachment');
  if (typeof attachment.content === 'string') throw new Error('the attachment was not decoded');
  return {
    headers: new Map(mail.headers.map(({ key, value }) => [key, value])),
    text: mail.text ?? '',
    fileName: attachment.filename ?? '',
    mediaType: attachment.mimeType,
    document: JSON.parse(gunzipSync(Buffer.from(attachment.content as Uint8Array)).toString('utf8')) as unknown,
  };
}
