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
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Lower case, A-labels, no trailing dot; a name that cannot be converted comes back lower-cased. */
export function canonicalDomain(name: string): string {
  const bare = name.trim().replace(/\.$/, '').toLowerCase();
  return isAscii(bare) ? bare : toALabels(bare);
}

/** True for a name that DNS, a mail header and a file name can all carry as it is. */
export function isUsableDomain(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && name.split('.').every((label) => LABEL.test(label));
}

export function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
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
