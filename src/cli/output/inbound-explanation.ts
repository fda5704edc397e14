/**
 * What the failures in reports of others mean for us, each result type once for each policy type and domain.
 */
import type { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { isDnsName } from '#tlsrpt/domain-name.ts';
import type { InboundFailure, InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { wrapText } from '#tlsrpt/plain-lines.ts';
import { meaningOfReason } from '#tlsrpt/reason-meaning.ts';
import { explanationLines, failureName } from './failure-explanation.ts';

const MOST_HOSTS = 3;
const MOST_EXPLAINED = 100;

interface Explained {
  readonly policyType: string;
  readonly policyDomain: string;
  readonly resultType: string;
  readonly hosts: Set<string>;
  readonly meanings: Set<string>;
}

export class Explanations {
  readonly #commands: ShellCommands;
  readonly #byKind = new Map<string, Explained>();

  constructor(commands: ShellCommands) {
    this.#commands = commands;
  }

  add({ policies }: InboundReport): void {
    for (const policy of policies) for (const failure of policy.failures) this.#addFailure(policy, failure);
  }

  /** Empty when nothing failed. */
  text(): string {
    const explained = [...this.#byKind.values()].flatMap((each) => this.#linesOf(each));
    return explained.length === 0 ? '' : `\nWhat that means:\n\n${explained.join('\n')}`;
  }

  #addFailure(policy: InboundPolicy, { resultType, receivingMxHostname: host, reasonCode }: InboundFailure): void {
    const kind = JSON.stringify([resultType, policy.type, policy.domain]);
    const known = this.#byKind.get(kind);
    if (!known && this.#byKind.size >= MOST_EXPLAINED) return;
    const name = { policyType: policy.type, policyDomain: policy.domain, resultType };
    const explained = known ?? { ...name, hosts: new Set(), meanings: new Set() };
    this.#byKind.set(kind, explained);
    if (host !== undefined && isDnsName(host) && explained.hosts.size < MOST_HOSTS) explained.hosts.add(host);
    const meaning = reasonCode === undefined ? undefined : meaningOfReason(reasonCode);
    if (meaning !== undefined) explained.meanings.add(meaning);
  }

  #linesOf(explained: Explained): string[] {
    const seen = { ...explained, hosts: [...explained.hosts], meanings: [...explained.meanings] };
    return [...wrapText(failureName(seen)), ...explanationLines(seen, this.#commands), ''];
  }
}
