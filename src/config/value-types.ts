/**
 * The kinds of values that settings have. Each takes what TOML gives as well as the text of a flag or of the environment.
 */
import { z } from 'zod';
import { commandWords } from '#support/command-words.ts';
import { BOUNCE_TOKEN_LENGTH, bounceAddress } from '#tlsrpt/bounce-address.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { canonicalIp } from '#tlsrpt/ip-address.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_LOCAL_PART_LENGTH = 64;
const MAX_PORT = 65_535;
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const NAMED_MAILBOX = /^(?:"((?:[^"\\]|\\.)+)"|([^"<>]*[^"<>\s]))\s*<([^<>]*)>$/;
const SERVER = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/;
/** `-t`, also behind others that stand alone, as in `-it` and `-tf`, and what msmtp calls it. */
const TAKES_RECIPIENTS = /^(?:-[GIUcimnv]*t.*|--read-recipients)$/s;
const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[^:[\]\s/@]+)`;
const CONNECT_TO = new RegExp(`^${HOST}:(\\d{1,5}):${HOST}:(\\d{1,5})$`);

/** The mistake shown for a flag that was given twice, or a value without quotes in the file. */
const oneText = z.string({
  error: ({ input }) => (Array.isArray(input) ? 'must be one value' : 'must be text in quotes'),
});

export const text = oneText
  .min(1, 'must not be empty')
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

export const path = text;

export const integer = (least: number, most: number): z.ZodType<number> =>
  z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/, 'must be a whole number')
          .transform(Number),
      ],
      'must be a whole number',
    )
    .pipe(
      z
        .number()
        .int('must be a whole number')
        .min(least, `must be at least ${String(least)}`)
        .max(most, `must be at most ${String(most)}`),
    )
    .describe(`${String(least)} to ${String(most)}`);

export const flag = z.union(
  [z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')],
  'must be true or false',
);

/** `90s`, `10m`, `4h`, `2d`, or 0; in milliseconds. The bounds are written in the same way. */
export const durationMs = (least: string, most: string): z.ZodType<number, string | 0> =>
  z
    .union([z.literal(0).transform(() => '0s'), z.string()], 'must be a time such as 90s, 10m or 4h')
    .transform((value, context) => {
      const timeMs = parseDuration(value);
      if (timeMs === undefined) context.addIssue('must be a time such as 90s, 10m or 4h');
      else if (timeMs < (parseDuration(least) ?? 0) || timeMs > (parseDuration(most) ?? Infinity))
        context.addIssue(`must be between ${least} and ${most}`);
      return timeMs ?? z.NEVER;
    })
    .describe(`${least} to ${most}, in s, m, h or d`);

function parseDuration(value: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(value === '0' ? '0s' : value);
  return match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : undefined;
}

/** `0660`, as chmod takes it. */
export const fileMode = z
  .string('must be an octal mode in quotes, such as "0660"')
  .regex(/^0?[0-7]{3}$/, 'must be an octal mode such as 0660')
  .transform((value) => parseInt(value, 8));

/** A bare `local@domain`. */
export const mailAddress = text.refine(isMailAddress, 'must be a mail address such as postmaster@example.com');

export interface Mailbox {
  /** A bare `local@domain`. */
  readonly address: string;
  /** What people see in place of it; undefined for the address itself. */
  readonly name: string | undefined;
}

/** `local@domain` or `Name <local@domain>`; the name may be in quotes (RFC 5322 3.4). */
export const mailbox = text.transform((value, context): Mailbox => {
  const [, quoted, plain, address = value] = NAMED_MAILBOX.exec(value) ?? [];
  if (!isMailAddress(address)) context.addIssue('must be a mail address such as Example <noreply@example.com>');
  return { address, name: quoted?.replace(/\\(.)/g, '$1') ?? plain };
});

/** A mail address with one asterisk in its local part, which leaves room for a token (RFC 5321 4.5.3.1.1). */
export const bouncePattern = text.refine(
  isBouncePattern,
  `must be a mail address with one * before the @, such as tlsrpt-bounces+*@example.com, and with no more than ${String(MAX_LOCAL_PART_LENGTH - BOUNCE_TOKEN_LENGTH)} other characters there`,
);

/** Several values; one alone may be written without the brackets. */
export const list = <Element>(element: z.ZodType<Element, string>): z.ZodType<Element[]> =>
  z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(element));

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
export const serverAddress = oneText.refine(
  isServerAddress,
  'must be an address such as 192.0.2.53 or 192.0.2.53:5353',
);

/** An address to listen on: `127.0.0.1:9180`, `[::1]:9180`. */
export const listenAddress = oneText.transform((value, context): ListenAddress => {
  const [, ipv6, ipv4 = '', port] = SERVER.exec(value) ?? [];
  const host = canonicalIp(ipv6 ?? ipv4);
  const isAddress = host !== undefined && host.includes(':') === (ipv6 !== undefined);
  if (!isAddress || port === undefined || Number(port) > MAX_PORT)
    context.addIssue('must be an address with a port, such as 127.0.0.1:9180 or [::1]:9180');
  return { host: host ?? '', port: Number(port) };
});

/** An address, or all that begin with the same bits: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. */
export const ipNetwork = oneText.refine(
  isIpNetwork,
  'must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8',
);

export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** In its canonical form. */
export const domain = text.transform(canonicalDomain).refine(isUsableDomain, 'must be a domain such as example.com');

/** One that somebody can have registered: not a top-level domain, for which nobody may sign (RFC 6376 6.1.1 lets verifiers ignore it). */
export const registeredDomain = domain.refine(
  (value) => value.includes('.'),
  'must be a domain such as example.com, not a top-level domain',
);

/** A command with its arguments, split into words as a shell does it. */
export const command = text.transform((value, context): readonly [string, ...string[]] => {
  const [path, ...args] = commandWords(value) ?? [];
  if (path === undefined)
    context.addIssue('must be a command that is run without a shell: no variables, patterns or pipes');
  return [path ?? '', ...args];
});

/**
 * One that takes recipients out of the mail (`-t`) is refused: the copy of a mail would go to the wrong one, and Exim leaves out those that are
 * named as well.
 */
export const sendmailCommand = command.refine(
  ([, ...args]) => !args.some((word) => TAKES_RECIPIENTS.test(word)),
  'must not have -t: each mail is handed over with its recipient',
);

/** `SELECTOR` or `SELECTOR=FILE` (RFC 6376 3.1). */
export const dkimKey = text.regex(
  /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?:=.+)?$/,
  'must be of the form SELECTOR or SELECTOR=FILE',
);

/** Where a mail server is; without credentials, which belong into a file. */
export const smtpUrl = text.refine(
  (value) => /^smtps?:\/\/[^\s/@?#]+\/?$/.test(value) && URL.canParse(value),
  'must be of the form smtp://host[:port] or smtps://host[:port], without credentials',
);

/** Where notices are posted to; without credentials before the host. */
export const webhookUrl = text.refine(
  isWebhookUrl,
  'must be of the form https://host[:port]/path, without credentials',
);

/** An HTTP proxy; without credentials. */
export const proxyUrl = text.refine(
  (value) => /^http:\/\/[^\s/@?#]+\/?$/.test(value) && URL.canParse(value),
  'must be of the form http://host:port, without credentials',
);

/** A search engine; without credentials. */
export const engineUrl = text.refine(
  (value) => /^https?:\/\/[^\s/@?#]+(?:\/[^\s?#]*)?$/.test(value) && URL.canParse(value),
  'must be of the form https://host[:port], without credentials',
);

/** What the name of an index can begin with, and a path needs no escaping for. */
export const indexPrefix = text.regex(
  /^[a-z0-9][a-z0-9._-]{0,99}$/,
  'must be lower-case letters, digits, dots, dashes and underscores',
);

/** A colon would end it (RFC 7617 2). */
export const proxyUser = text.regex(/^[^:]*$/, 'must not have a colon in it');

/** As for curl --connect-to. */
export const connectTo = text.refine((value) => {
  const [, port, toPort] = CONNECT_TO.exec(value) ?? [];
  return isPort(port) && isPort(toPort);
}, 'must be of the form HOST1:PORT1:HOST2:PORT2');

function isMailAddress(value: string): boolean {
  const at = value.lastIndexOf('@');
  return (
    at <= MAX_LOCAL_PART_LENGTH &&
    DOT_ATOM.test(value.slice(0, Math.max(at, 0))) &&
    isUsableDomain(value.slice(at + 1).toLowerCase())
  );
}

function isBouncePattern(value: string): boolean {
  const asterisk = value.indexOf('*');
  return (
    asterisk >= 0 &&
    asterisk === value.lastIndexOf('*') &&
    asterisk < value.lastIndexOf('@') &&
    isMailAddress(bounceAddress(value, 'x'.repeat(BOUNCE_TOKEN_LENGTH)))
  );
}

function isServerAddress(value: string): boolean {
  if (canonicalIp(value) !== undefined) return true;
  const [, ipv6, ipv4 = '', port = '53'] = SERVER.exec(value) ?? [];
  const address = canonicalIp(ipv6 ?? ipv4);
  return address?.includes(':') === (ipv6 !== undefined) && isPort(port);
}

function isIpNetwork(value: string): boolean {
  const [, address = '', bits = '0'] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const ip = canonicalIp(address);
  return ip !== undefined && Number(bits) <= (ip.includes(':') ? 128 : 32);
}

export function isWebhookUrl(value: string): boolean {
  return /^https:\/\/[^\s/@?#]+(?:[/?]\S*)?$/i.test(value) && URL.canParse(value);
}

function isPort(text: string | undefined): boolean {
  const port = Number(text);
  return port >= 1 && port <= MAX_PORT;
}
