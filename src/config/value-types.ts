/**
 * The kinds of values that settings have. Each takes what TOML gives as well as the text of a flag or of the environment.
 */
import { z } from 'zod';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const text = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

export const path = text;

export const integer = (least: number, most: number): z.ZodType<number> =>
  z.coerce
    .number<string | number>('must be a number')
    .int('must be a whole number')
    .min(least, `must be at least ${String(least)}`)
    .max(most, `must be at most ${String(most)}`);

export const flag = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')],
  'must be true or false',
);

/** `90s`, `10m`, `4h`, `2d`, or 0; in milliseconds. */
export const durationMs = z
  .union([z.literal(0).transform(() => '0s'), z.string()], 'must be a time such as 90s, 10m or 4h')
  .transform((value, context) => {
    const match = /^(\d{1,6})([smhd])$/.exec(value === '0' ? '0s' : value);
    if (match) return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
    context.addIssue('must be a time such as 90s, 10m or 4h');
    return z.NEVER;
  });

/** `0660`, as chmod takes it. */
export const fileMode = z
  .string('must be an octal mode in quotes, such as "0660"')
  .regex(/^0?[0-7]{3}$/, 'must be an octal mode such as 0660')
  .transform((value) => parseInt(value, 8));

/** A bare `local@domain`. */
export const mailAddress = text.refine(isMailAddress, 'must be a mail address such as postmaster@example.com');

/** Several values; one alone may be written without the brackets. */
export const list = (
  element: z.ZodType<string, string>,
): z.ZodUnion<[z.ZodArray<typeof element>, z.ZodPipe<typeof element, z.ZodTransform<string[], string>>]> =>
  z.union([z.array(element), element.transform((one) => [one])]);

/** `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:5353`. */
export const serverAddress = z
  .string()
  .regex(
    /^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?|[0-9a-fA-F]*:[0-9a-fA-F:]+)$/,
    'must be an address such as 192.0.2.53 or 192.0.2.53:5353',
  );

function isMailAddress(value: string): boolean {
  const at = value.lastIndexOf('@');
  return (
    at > 0 &&
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+$/.test(value.slice(0, at)) &&
    isUsableDomain(value.slice(at + 1).toLowerCase())
  );
}
