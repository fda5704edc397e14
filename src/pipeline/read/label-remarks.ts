/**
 * What is odd about the media type under which a document comes (RFC 8460 6.4, 6.5).
 */
import type { RemarkCode } from '#tlsrpt/inbound-remark.ts';
import { recognizeContent } from './recognize-content.ts';

export function labelRemarks(document: Buffer, mediaType: string | undefined): RemarkCode[] {
  const isJson = recognizeContent(document) === 'json';
  return mediaType === (isJson ? 'application/tlsrpt+json' : 'application/tlsrpt+gzip') ? [] : ['media-type'];
}
