/**
 * Domain names as reports want them: A-labels, lower case, no trailing dot (RFC 8460 4.4).
 *
 * What arrives in a datagram or record is foreign, so canonical form and fitness for use are two questions: an odd name is
 * kept for the tally, and only a usable one names a report, a file or a mail header.
 */

const MAX_NAME_LENGTH = 253;
/** What ends a host in a URL, or is dropped from it: in a name it would make another name. */
const NO_PART_OF_A_HOST = /[\p{Cc}\s/?#@:\\%[\]]/u;
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

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function toALabels(name: string): string {
  // A longer name is none, and Punycode takes a time that grows with its square.
  if (name.length > MAX_NAME_LENGTH || NO_PART_OF_A_HOST.test(name)) return name;
  // The URL parser applies IDNA (UTS 46); it refuses names that no host can have.
  if (!URL.canParse(`https://${name}/`)) return name;
  const host = new URL(`https://${name}/`).hostname.replace(/\.$/, '');
  return host.length > MAX_NAME_LENGTH ? name : host;
}
