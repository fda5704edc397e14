/**
 * Domain names as reports want them: A-labels, lower case, no trailing dot (RFC 8460 4.4).
 *
 * What arrives in a datagram or record is foreign, so canonical form and fitness for use are two questions: an odd name is
 * kept for the tally, and only a usable one names a report, a file or a mail header.
 */

const MAX_NAME_LENGTH = 253;
/** What ends a host in a URL, or is dropped from it: in a name it would make another name. */
const NO_PART_OF_A_HOST = /[\p{Cc}\s/?#@:\\%[\]]/u;
const MAX_LABEL_LENGTH = 63; // RFC 1035 2.3.4
/** UTS 46 takes the three other full stops for dots. */
const LABEL_END = /[.\u3002\uff0e\uff61]/;
/** RFC 1123 2.1; the name of no host, and so of no mail domain, has underscores. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** With a digit there it would be an IPv4 address, in one of its forms (RFC 1123 2.1, RFC 3696 2). */
const TOP_LEVEL_LABEL = /(?:^|\.)[a-z][^.]*$/;
const DNS_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
const A_LABEL = /(?:^|\.)xn--/;

/** Lower case, A-labels, no trailing dot; a name that cannot be converted comes back lower-cased. */
export function canonicalDomain(name: string): string {
  const bare = name.trim().replace(/\.$/, '').toLowerCase();
  return isAscii(bare) ? bare : toALabels(bare);
}

/**
 * True for the name of a mail domain or host in its canonical form, as a report, a mailbox and a file name can carry it (RFC 8460 4.4).
 *
 * Readers refuse a whole report for one name in it that is none.
 */
export function isUsableDomain(name: string): boolean {
  return isNameOf(LABEL, name) && TOP_LEVEL_LABEL.test(name) && hasTrueALabels(name);
}

/** True for a name in its canonical form that may stand in DNS or in a URL, whatever it names. */
export function isDnsName(name: string): boolean {
  return isNameOf(DNS_LABEL, name);
}

export function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function isNameOf(labels: RegExp, name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && name.split('.').every((label) => labels.test(label));
}

/** RFC 5890 2.3.2.1: an A-label stands for a U-label. */
function hasTrueALabels(name: string): boolean {
  return !A_LABEL.test(name) || hostOf(name) === name;
}

function toALabels(name: string): string {
  if (name.length > MAX_NAME_LENGTH || NO_PART_OF_A_HOST.test(name) || hasLongLabel(name)) return name;
  const host = hostOf(name)?.replace(/\.$/, '');
  return host === undefined || host.length > MAX_NAME_LENGTH ? name : host;
}

/** An A-label is no shorter than what it stands for, and Punycode takes a time that grows with the square of the label. */
function hasLongLabel(name: string): boolean {
  return name
    .normalize('NFC')
    .split(LABEL_END)
    .some((label) => Array.from(label).length > MAX_LABEL_LENGTH);
}

/** The URL parser applies IDNA (UTS 46); it refuses names that no host can have. Asking it first whether it would does all of it twice. */
function hostOf(name: string): string | undefined {
  try {
    return new URL(`https://${name}/`).hostname;
  } catch {
    return undefined;
  }
}
