/**
 * The address in what sys4 has as `contact_info`: with a name before it, or as a URI, both of which it passes on as they are. Of a report the
 * domain alone is needed of it, and ours has a bare address there (RFC 8460 4.4).
 */
export function contactAddress(contactInfo: string): string {
  const [, inBrackets] = /<([^<>]*)>\s*$/.exec(contactInfo) ?? [];
  return (inBrackets ?? contactInfo).trim().replace(/^mailto:/i, '');
}
