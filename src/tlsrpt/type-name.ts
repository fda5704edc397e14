/**
 * The form that a policy type or a result type has, also one that is registered tomorrow (RFC 8460 4.4, 6.6).
 *
 * Such a name comes from files of strangers and goes into reports, mails and terminals, so nothing else passes for one.
 */
const TYPE_NAME = /^[a-z0-9-]{1,64}$/;

export function isTypeName(value: unknown): value is string {
  return typeof value === 'string' && TYPE_NAME.test(value);
}
