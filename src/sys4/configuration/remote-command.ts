/**
 * On which host a command runs that logs in by ssh, and whether that is this very host under another name.
 *
 * An alias of the SSH configuration, and a name that only DNS knows, pass for another host: nothing is looked up.
 */
import { unwrapped } from './command-wrappers.ts';

const ALONE = /^-[46AaCKkNnqTtVvXxYy]+$/;
const VALUED = /^-[BbcDEeIiJLlmopRw]/;
/** Such an option may lead to another host than the one that is named. */
const LEADS_ELSEWHERE = /^(?:hostname|proxycommand|include)\b/i;

/** Undefined for a command that does not log in elsewhere, or has an option that is not known here. */
export function remoteHost(words: readonly string[]): string | undefined {
  const run = unwrapped(words);
  return run?.program === 'ssh' ? destinationIn(run.behind) : undefined;
}

/** Its options stand before the host and behind it. */
function destinationIn(words: readonly string[]): string | undefined {
  let host: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) {
      if (host !== undefined) return host;
      host = hostIn(word);
    } else if (VALUED.test(word)) {
      const value = word.length > 2 ? word.slice(2) : (words[(index += 1)] ?? '');
      if (word.startsWith('-o') && LEADS_ELSEWHERE.test(value)) return undefined;
    } else if (word !== '--' && !ALONE.test(word)) {
      return undefined;
    }
  }
  return host;
}

/** Of `user@host` and `ssh://user@host:port`. */
function hostIn(destination: string): string | undefined {
  const { host } =
    /^(?:ssh:\/\/)?(?:.*@)?(?<host>\[[^\]]+\]|[^:/]+|[\da-f:]+)(?::\d+)?\/?$/i.exec(destination)?.groups ?? {};
  return host;
}

const LOOPBACK =
  /^(?:localhost(?:\..*)?|.*\.localhost|ip6-(?:localhost|loopback)|127\..*|0\.0\.0\.0|::1?|::ffff:7f.*)$/;

/** `names` are those of this host, and its addresses. Of two names one may be the other without its domain. */
export function isThisHost(host: string, names: readonly string[]): boolean {
  const name = plain(host);
  return (
    LOOPBACK.test(name) || names.map(plain).some((own) => own === name || isStart(own, name) || isStart(name, own))
  );
}

function isStart(start: string, name: string): boolean {
  return start !== '' && name.startsWith(`${start}.`);
}

/** Addresses in one spelling, as URLs have them: `127.1` and `0x7f000001` are `127.0.0.1`. */
function plain(host: string): string {
  const bare = host.replace(/^\[|\]$|%.*$/g, '').replace(/\.$/, '');
  const url = `http://${bare.includes(':') ? `[${bare}]` : bare}/`;
  return (URL.canParse(url) ? new URL(url).hostname : bare).toLowerCase().replace(/^\[|\]$/g, '');
}
