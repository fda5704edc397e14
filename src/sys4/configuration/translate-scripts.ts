/**
 * The two commands by which sys4's reporter delivers. Ours delivers itself; what of them says where and how is kept.
 *
 * A command that may deliver to others than the addresses of the records is left to the operator.
 */
import { commandWords } from '#support/command-words.ts';
import { optionValue } from './translate-fetchers.ts';
import type { Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

/** They take mails as sendmail does, with sender and recipient as arguments. */
const SENDMAIL = /(?:^|\/)(?:sendmail|msmtp)$/;
/** What ours gives itself, or must not have: the recipient is an argument. */
const OWN_ARGUMENTS = /^-(?:[it]{1,2}|oi)$/;
/** What has no value behind it. */
const ALONE = /^(?:-(?:[vnmGU]|bm|[fFrN].+)|--|--.+=.*)$/;

export function sendmail(value: string): Translation {
  const [command = '', ...args] = commandWords(value) ?? [];
  const kept = args.filter((word) => !OWN_ARGUMENTS.test(word));
  if (!SENDMAIL.test(command) || kept.some((_, index) => isRecipient(kept, index)))
    return { ...advice(MAILS_ELSEWHERE), elsewhereUnless: 'mailMap' };
  const path = command === 'sendmail' ? '/usr/sbin/sendmail' : command;
  return { ...setting('sendmail', [path, ...kept].map(quoted).join(' ')), elsewhereUnless: 'mailMap' };
}

const MAILS_ELSEWHERE =
  'tlsrpt mails to the addresses of the records, wherever this command does. Name the mail server in send.smtp or a sendmail command in send.sendmail, and another address in report.mail_map.';

/** No option, and not the value of one. */
function isRecipient(args: readonly string[], index: number): boolean {
  const before = args[index - 1] ?? '--';
  return !(args[index] ?? '').startsWith('-') && (!before.startsWith('-') || ALONE.test(before));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export function curl(value: string): readonly Translation[] {
  const [command = '', ...args] = commandWords(value) ?? [];
  if (!/(?:^|\/)curl$/.test(command) || !args.every((_, index) => isPlain(args, index)))
    return [{ ...advice(POSTS_ELSEWHERE), elsewhereUnless: 'httpsMap' }];
  const proxy = optionValue(args, '--proxy', '-x');
  const ca = optionValue(args, '--cacert');
  const isInsecure = args.some((word) => word === '--insecure' || word === '-k');
  return [
    ...(proxy === undefined ? [] : [proxySetting(proxy)]),
    ...(ca === undefined ? [] : [setting('httpsCa', ca)]),
    ...(isInsecure ? [setting('httpsAnyCertificate', true)] : []),
    advice('tlsrpt delivers by HTTPS itself; an answer other than 2xx is no success.'),
  ];
}

const POSTS_ELSEWHERE =
  'tlsrpt posts to the addresses of the records itself, wherever this command does. Name a proxy in send.https_proxy, and another address in report.https_map.';

/** Of curl's options those that have no say in where it posts to, and a proxy. */
const PLAIN_SWITCH =
  /^(?:--(?:silent|show-error|fail|fail-with-body|insecure|globoff|verbose|location|compressed|http1\.1|http2|ipv4|ipv6|no-progress-meter)|-[sSfkgvL46]+)$/;
const PLAIN_OPTION =
  /^(?:--(?:header|data|data-binary|request|max-time|connect-timeout|proxy|cacert|user-agent|write-out|output|retry|upload-file)|-[sSfkgvL46]*[HdXmxAwoT])$/;
const PLAIN_OPTION_WITH_VALUE = /^(?:--(?:proxy|cacert)=|-[HdXmxAwoT]).+$/;

function isPlain(args: readonly string[], index: number): boolean {
  const word = args[index] ?? '';
  const isOption = [PLAIN_SWITCH, PLAIN_OPTION, PLAIN_OPTION_WITH_VALUE].some((kind) => kind.test(word));
  return isOption || PLAIN_OPTION.test(args[index - 1] ?? '');
}

function proxySetting(proxy: string): Translation {
  return { ...setting('httpsProxy', proxy.replace(/^(?!\w+:\/\/)/, 'http://')), elsewhereUnless: 'httpsMap' };
}
