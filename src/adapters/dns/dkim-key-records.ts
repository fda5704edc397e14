/**
 * Looks up the keys of DKIM signatures in DNS, each once in a run. Implements the port of read.
 *
 * Whoever writes a mail chooses the names that are looked up, and may have name servers that are silent; or there is no network at all. So
 * each look-up has its time, and so have all that end without an answer; then nothing is asked any more.
 */
import type { KeyAnswer, KeyRecords } from '#pipeline/read/key-records.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import { dnsNameService, nameServersOf } from './dns-name-service.ts';

export interface KeyPatience {
  /** For one attempt at one server. */
  readonly attemptMs: number;
  readonly lookUpMs: number;
  /** For all that end without an answer. */
  readonly totalMs: number;
}

const PATIENCE: KeyPatience = { attemptMs: 2_000, lookUpMs: 5_000, totalMs: 15_000 };
const MOST_REMEMBERED = 10_000;
const SILENT = { kind: 'unanswered', why: 'the name servers do not answer' } as const;

/** `servers` as in the setting `dns_servers`; empty for those of the system. */
export function dkimKeyRecords(servers: readonly string[], patience: KeyPatience = PATIENCE): KeyRecords {
  const names = dnsNameService(nameServersOf(servers), patience.attemptMs);
  const remembered = new Map<string, Promise<KeyAnswer>>();
  let waitedMs = 0;
  const ask = async (name: string): Promise<KeyAnswer> => {
    if (waitedMs >= patience.totalMs) return SILENT;
    const beganMs = performance.now();
    const deadline = { deadlineMs: patience.lookUpMs, why: SILENT.why };
    const answer = (await withinDeadline(deadline, async () => keyAnswerOf(await names.texts(name)))) ?? SILENT;
    if (answer.kind === 'unanswered') waitedMs += performance.now() - beganMs;
    return answer;
  };
  return {
    lookUp: (name) => {
      const answer = remembered.get(name) ?? ask(name);
      if (remembered.size < MOST_REMEMBERED) remembered.set(name, answer);
      return answer;
    },
  };
}

type Texts = Awaited<ReturnType<ReturnType<typeof dnsNameService>['texts']>>;

function keyAnswerOf(answer: Texts): KeyAnswer {
  if (answer.kind === 'answered')
    return { kind: 'answered', records: answer.records.map((strings) => strings.join('')) };
  return { kind: 'unanswered', why: answer.kind === 'bogus' ? 'DNSSEC says that it must not be believed' : answer.why };
}
