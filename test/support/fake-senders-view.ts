/**
 * What a sender sees, as a test says: the entries of names as `validating-resolver.ts` has them, the policy, and what each address shows.
 */
import type { Encrypted, Visit, Visited } from '#pipeline/check/mail-host-visitor.ts';
import type { DnsAnswer } from '#pipeline/check/name-service.ts';
import type { FetchedPolicy } from '#pipeline/check/policy-fetcher.ts';
import type { SendersView } from '#pipeline/check/senders-view.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import type { NameEntry } from './validating-resolver.ts';

export interface FakeWorld {
  readonly zone: Readonly<Record<string, NameEntry>>;
  readonly policy?: FetchedPolicy;
  /** By address. */
  readonly visits?: Readonly<Record<string, Visit>>;
  readonly isValidating?: boolean;
}

export interface FakeView extends SendersView {
  readonly visited: Visited[];
  readonly fetched: string[];
}

export const FAKE_NOW_MS = Date.UTC(2026, 5, 1);

export function fakeSendersView({ zone, policy, visits = {}, isValidating = true }: FakeWorld): FakeView {
  const visited: Visited[] = [];
  const fetched: string[] = [];
  const answer = <T>(name: string, read: (entry: NameEntry) => readonly T[] | undefined): Promise<DnsAnswer<T>> => {
    const entry = zone[name] ?? {};
    if (entry.fault === 'bogus') return Promise.resolve({ kind: 'bogus' });
    if (entry.fault !== undefined) return Promise.resolve({ kind: 'unanswered', why: entry.fault });
    const isAuthenticated = isValidating && entry.isSigned !== false;
    const found = entry.alias === undefined ? entry : (zone[entry.alias] ?? {});
    return Promise.resolve({
      kind: 'answered',
      records: read(found) ?? [],
      isAuthenticated,
      isAlias: entry.alias !== undefined,
    });
  };
  return {
    visited,
    fetched,
    names: {
      texts: (name) => answer(name, ({ txt }) => txt?.map((text) => [text].flat())),
      mailHosts: (name) => answer(name, ({ mx }) => mx?.map((host, preference) => ({ preference, host }))),
      addresses: (name) => answer(name, ({ a = [], aaaa = [] }) => [...a, ...aaaa]),
      tlsaRecords: (name) => answer(name, ({ tlsa }) => tlsa),
      validates: () => Promise.resolve(isValidating),
    },
    policies: {
      fetch: (url) => {
        fetched.push(url.href);
        return Promise.resolve(policy ?? { kind: 'failed', why: 'nothing there' });
      },
      close: () => undefined,
    },
    mailHosts: {
      visit: (at) => {
        visited.push(at);
        return Promise.resolve(visits[at.address] ?? { kind: 'unreachable', why: 'ECONNREFUSED' });
      },
    },
    commands: new ShellCommands([]),
    isValidating,
    port: 25,
    nowMs: FAKE_NOW_MS,
  };
}

/** A server with a certificate for these names; its key has the digest `ab...`. */
export function encryptedVisit(names: readonly string[], changes: Partial<Encrypted> = {}): Encrypted {
  return {
    kind: 'encrypted',
    protocol: 'TLSv1.3',
    certificates: [
      {
        names,
        issuer: 'Example CA',
        validFromMs: Date.UTC(2026, 0, 1),
        validToMs: Date.UTC(2026, 11, 31),
        digests: [
          ['', '', ''],
          ['', KEY_DIGEST, ''],
        ],
        isSignedByNext: false,
      },
    ],
    trust: { kind: 'trusted' },
    isFor: (name) => names.includes(name),
    ...changes,
  };
}

export const KEY_DIGEST = 'ab'.repeat(32);
