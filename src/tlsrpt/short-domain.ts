/**
 * The end of a domain name where the whole is too long for a file name or a report-id.
 */

/** Drops leading labels until the rest has no more than `maxLength` characters; the last label stays in any case. */
export function shortDomain(name: string, maxLength: number): string {
  const labels = name.split('.');
  while (labels.length > 1 && labels.join('.').length > maxLength) labels.shift();
  return labels.join('.');
}
