/**
 * The two commands by which sys4's reporter delivers. Ours delivers itself; what of them says where and how is kept.
 *
 * A command that may deliver to others than the addresses of the records is left to the operator.
 */
import { commandWords, inQuotes } from '#support/command-words.ts';
import { readCurl, readCurlProxy } from './read-curl.ts';
import type { CurlProxy } from './read-curl.ts';
import type { Translation } from './translation.ts';
import { advice, setting } from './translation.ts';

/** They take mails as sendmail does, with sender and recipient as arguments. Whose home a `~` is, its shell alone knows. */
const SENDMAIL = /^(?:(?!~).*\/)?(?:sendmail|msmtp)$/;
/** What ours gives itself, or must not have: sender and recipient are arguments, and not read from the header. */
const OWN_ARGUMENTS = /^(?:-(?:[it]{1,2}|oi)|--read-recipients|--read-envelope-from)$/;
/** Another sender, with or without the value in the same word: ours gives one behind it. */
const SENDER = /^(?:-[fr]|--from)$/;
const SENDER_WITH_VALUE = /^(?:-[fr].+|--from=.*)$/s;
/** What has no value behind it. */
const ALONE = /^(?:-(?:[vnmGU]|bm|[fFrN].+)|--|--.+=.*)$/;

export function sendmail(value: string): Translation {
  const [command = '', ...args] = commandWords(value) ?? [];
  const isSender = args.some((word) => SENDER.test(word) || SENDER_WITH_VALUE.test(word));
  const kept = withoutOwn(args);
  if (!SENDMAIL.test(command) || kept.some((_, index) => isRecipient(kept, index)))
    return { ...advice(MAILS_ELSEWHERE), elsewhereUnless: 'mailMap' };
  const path = command === 'sendmail' ? '/usr/sbin/sendmail' : command;
  const notes = isSender
    ? [`The sender of its mails is report.from, and not what was named in ${command}'s arguments.`]
    : [];
  return { ...setting('sendmail', inQuotes([path, ...kept]), notes), elsewhereUnless: 'mailMap' };
}

function withoutOwn(args: readonly string[]): string[] {
  return args.filter((word, index) => {
    const isValueOfSender = SENDER.test(args[index - 1] ?? '');
    return !isValueOfSender && ![OWN_ARGUMENTS, SENDER, SENDER_WITH_VALUE].some((own) => own.test(word));
  });
}

const MAILS_ELSEWHERE =
  'tlsrpt mails to the addresses of the records, wherever this command does. Name the mail server in send.smtp or a sendmail command in send.sendmail, and another address in report.mail_map.';

/** No option, and not the value of one. */
function isRecipient(args: readonly string[], index: number): boolean {
  const before = args[index - 1] ?? '--';
  return !(args[index] ?? '').startsWith('-') && (!before.startsWith('-') || ALONE.test(before));
}

export function curl(value: string): readonly Translation[] {
  const [command = '', ...args] = commandWords(value) ?? [];
  const options = /(?:^|\/)curl$/.test(command) ? readCurl(args) : undefined;
  if (!options) return [{ ...advice(POSTS_ELSEWHERE), elsewhereUnless: 'httpsMap' }];
  const [proxy, ca] = [options.get('proxy'), options.get('cacert')];
  return [
    ...(proxy === undefined ? [] : proxySettings(readCurlProxy(proxy, options.get('proxy-user')))),
    ...(ca === undefined ? [] : [setting('httpsCa', ca)]),
    ...(options.has('insecure') ? [setting('httpsAnyCertificate', true)] : []),
    advice('tlsrpt delivers by HTTPS itself; an answer other than 2xx is no success.'),
  ];
}

const POSTS_ELSEWHERE =
  'tlsrpt posts to the addresses of the records itself, wherever this command does. Name a proxy in send.https_proxy, and another address in report.https_map.';

/** Of a proxy that ours cannot use nothing is kept. */
function proxySettings({ url, user, password = '' }: CurlProxy): readonly Translation[] {
  const proxy: Translation = { ...setting('httpsProxy', url), elsewhereUnless: 'httpsMap' };
  if (user === undefined || !url.startsWith('http://')) return [proxy];
  return [
    proxy,
    setting('httpsProxyUser', user),
    { kind: 'secret', name: 'httpsProxyPasswordFile', file: 'https-proxy-password', content: password },
  ];
}
