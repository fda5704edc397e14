/**
 * The two commands by which sys4's reporter delivers. Ours delivers itself; what of them says where and how is kept.
 */
import { commandWords } from '#support/command-words.ts';
import { optionValue } from './translate-fetchers.ts';
import type { Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

/** They take mails as sendmail does, with sender and recipient as arguments. */
const SENDMAIL = /(?:^|\/)(?:sendmail|msmtp)$/;
/** What ours gives itself, or must not have: the recipient is an argument. */
const OWN_ARGUMENTS = /^-(?:[it]{1,2}|oi)$/;

export function sendmail(value: string): Translation {
  const [command = '', ...args] = commandWords(value) ?? [];
  if (!SENDMAIL.test(command))
    return advice('Name the mail server in send.smtp, or a sendmail command in send.sendmail.');
  const path = command === 'sendmail' ? '/usr/sbin/sendmail' : command;
  return setting('sendmail', [path, ...args.filter((word) => !OWN_ARGUMENTS.test(word))].map(quoted).join(' '));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export function curl(value: string): readonly Translation[] {
  const [command = '', ...args] = commandWords(value) ?? [];
  const explanation = advice('tlsrpt delivers by HTTPS itself; an answer other than 2xx is no success.');
  if (!/(?:^|\/)curl$/.test(command)) return [explanation];
  const proxy = optionValue(args, '--proxy', '-x');
  const ca = optionValue(args, '--cacert');
  const isInsecure = args.some((word) => word === '--insecure' || word === '-k');
  return [
    ...(proxy === undefined ? [] : [setting('httpsProxy', proxy.replace(/^(?!\w+:\/\/)/, 'http://'))]),
    ...(ca === undefined ? [] : [setting('httpsCa', ca)]),
    ...(isInsecure ? [setting('httpsAnyCertificate', true)] : []),
    explanation,
  ];
}
