/**
 * The name with which a receiving server greeted, cut out of what the MTA recorded.
 *
 * Postfix passes on the whole multi-line EHLO reply (`250-mx.example\r\n250-STARTTLS\r\n250 8BITMIME`); a report carries the
 * name alone (RFC 8460 4.4, receiving-mx-helo).
 */
export function heloName(reply: string): string | undefined {
  const [firstLine = ''] = reply.split(/[\r\n]/, 1);
  const [name = ''] = firstLine
    .replace(/^\d{3}(?:[ -]|$)/, '')
    .trim()
    .split(/\s/, 1);
  return name === '' ? undefined : name;
}
