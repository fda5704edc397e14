/**
 * One reporting address out of a TLSRPT record: a mailbox or an HTTPS endpoint (RFC 8460 3, rua).
 *
 * Strangers choose these, so each is decoded after splitting and refused when it could reach a header, an envelope or a
 * connection in any other form than the one that was checked (RFC 6068, RFC 5321 4.1.2).
 */
import { canonicalDomain, isUsableDomain } from './domain-name.ts';

export type ReportingAddress =
  | { readonly scheme: 'mailto'; readonly uri: string; readonly mailbox: string; readonly host: string }
  | { readonly scheme: 'https'; readonly uri: string; readonly host: string };

export type AddressReading =
  | { readonly kind: 'address'; readonly address: ReportingAddress }
  | { readonly kind: 'unusable'; readonly uri: string; readonly why: string };

const MAX_URI_LENGTH = 2_048;
const MAX_LOCAL_PART_LENGTH = 64; // RFC 5321 4.5.3.1.1
const MAX_MAILBOX_LENGTH = 254; // RFC 5321 4.5.3.1.3: a path, less its angle brackets
/** RFC 3986 characters, less the comma, exclamation mark and semicolon that a record must write percent-encoded. */
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@$&'()*+=]|%[0-9A-Fa-f]{2})+$/;
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const QUOTED_STRING = /^"(?:[\x21\x23-\x5b\x5d-\x7e]|\\[\x21-\x7e])+"$/;

export function readReportingAddress(uri: string): AddressReading {
  if (uri.length > MAX_URI_LENGTH) return unusable(uri.slice(0, 80), 'it is longer than any URI should be');
  if (!URI_CHARACTERS.test(uri)) return unusable(uri, 'it has characters that a URI must not have unencoded');
  if (/^mailto:/i.test(uri)) return readMailto(uri);
  if (/^https:/i.test(uri)) return readHttps(uri);
  return unusable(uri, 'its scheme is neither mailto nor https');
}

function readMailto(uri: string): AddressReading {
  const encoded = uri.slice('mailto:'.length).replace(/[?#].*$/, '');
  const decoded = decodePercent(encoded);
  if (decoded === undefined) return unusable(uri, 'its percent-encoding is not UTF-8');
  if (/[\p{Cc}\s]/u.test(decoded)) return unusable(uri, 'its mailbox has blanks or control characters');
  const at = decoded.lastIndexOf('@');
  const [localPart, host] = [canonicalLocalPart(decoded.slice(0, at)), canonicalDomain(decoded.slice(at + 1))];
  if (at < 1 || localPart === undefined) return unusable(uri, 'it names no mailbox');
  if (!isUsableDomain(host)) return unusable(uri, 'the domain of its mailbox is not a domain name'); // RFC 5321 4.1.2
  const mailbox = `${localPart}@${host}`;
  if (mailbox.length > MAX_MAILBOX_LENGTH) return unusable(uri, 'its mailbox is longer than SMTP allows');
  return { kind: 'address', address: { scheme: 'mailto', uri: `mailto:${encoded}`, mailbox, host } };
}

/** In quotes only where it must be (RFC 5321 4.1.2), so that one mailbox has one form; undefined for what is not a local part. */
function canonicalLocalPart(text: string): string | undefined {
  const content = localPartContent(text);
  if (content === undefined) return undefined;
  const written = DOT_ATOM.test(content) ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
  return written.length <= MAX_LOCAL_PART_LENGTH ? written : undefined;
}

function localPartContent(text: string): string | undefined {
  if (QUOTED_STRING.test(text)) return text.slice(1, -1).replace(/\\(.)/g, '$1');
  // What a record cannot but write percent-encoded is taken for part of the name even where quotes were forgotten.
  return DOT_ATOM.test(text.replace(/[,;]/g, 'x')) ? text : undefined;
}

function readHttps(uri: string): AddressReading {
  if (!URL.canParse(uri)) return unusable(uri, 'it is not a URL');
  const url = new URL(uri);
  // A URL parser skips slashes until it finds a host (RFC 3986 3.2: here is none).
  if (!/^https:\/\/[^/?#]/i.test(uri) || url.hostname === '') return unusable(uri, 'it names no host');
  if (url.username !== '' || url.password !== '') return unusable(uri, 'it carries credentials');
  return { kind: 'address', address: { scheme: 'https', uri: uri.replace(/^https/i, 'https'), host: url.hostname } };
}

/** Addresses with the same key get one copy: the one form that all spellings of an address share. */
export function reportingAddressKey(address: ReportingAddress): string {
  return address.scheme === 'mailto' ? `mailto:${address.mailbox}` : endpointKey(address.uri);
}

/** RFC 3986 6.2.2 (case, percent-encoding), 6.2.3 (port); a fragment never leaves the client. */
function endpointKey(uri: string): string {
  const url = new URL(uri);
  url.hash = '';
  url.hostname = canonicalDomain(url.hostname);
  return url.href.replace(/%[0-9A-Fa-f]{2}/g, decodedIfUnreserved);
}

function decodedIfUnreserved(triplet: string): string {
  const character = String.fromCharCode(parseInt(triplet.slice(1), 16));
  return /[A-Za-z0-9._~-]/.test(character) ? character : triplet.toUpperCase();
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unusable(uri: string, why: string): AddressReading {
  return { kind: 'unusable', uri, why };
}
