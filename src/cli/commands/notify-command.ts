/**
 * `tlsrpt notify`: what `read --store --notify` tells, of what is stored by now; `--test` tries the ways in which it is told.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { NoticeWay } from '#pipeline/notify/notice-way.ts';
import type { Notice } from '#store/notices.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { notifyFlags } from '#cli/wiring/notify-flags.ts';
import { readyToNotify, requestedWays } from '#cli/wiring/failure-notices.ts';
import { openExistingStore, openStore } from '#cli/wiring/state.ts';

export const notifyCommand: Command = {
  name: 'notify',
  summary: 'Tell what is new about the failures that others report: by mail, a webhook or a command',
  examples: [
    ['notify --test', 'send a test notice by each way that [notify] names, and say what became of it'],
    ['notify', 'tell what is new in what read --store has kept, and what could not be told before'],
  ],
  flags: [
    { name: 'test', help: 'Tell a test notice by each way, and nothing else.' },
    { name: 'require-dkim', help: 'Look at those reports alone of which it is shown who sent them.' },
  ],
  settings: notifyFlags,
  pairings: [
    { flags: ['require-dkim'], notWith: 'test' },
    { flags: ['notify-webhook'], notWith: 'notify-webhook-file' },
  ],
  run: async (invocation) => {
    if (invocation.given.has('test')) return tellTest(invocation);
    const notices = await readyToNotify(invocation);
    return (await notices.tell(await openExistingStore(invocation))) ?? exitCode.done;
  },
};

async function tellTest(invocation: Invocation): Promise<ExitCode> {
  const ways = await requestedWays(invocation);
  await openStore(invocation); // as whom notices are told
  const notice = testNotice(invocation.clock.nowMs());
  try {
    const told = await Promise.all(ways.map((way) => tryWay(way, notice, invocation)));
    return told.every(Boolean) ? exitCode.done : exitCode.tryAgainLater;
  } finally {
    await Promise.all(ways.map((way) => way.close()));
  }
}

async function tryWay(way: NoticeWay, notice: Notice, { print, paint }: Invocation): Promise<boolean> {
  const outcome = await way.tell(notice, new AbortController().signal);
  const isTold = outcome.kind === 'told';
  const line = isTold ? `told by ${way.name}: ${outcome.reply}` : `not told by ${way.name}: ${outcome.why}`;
  print(`${paint(isTold ? 'good' : 'bad', line)}\n`);
  return isTold;
}

function testNotice(madeMs: number): Notice {
  const host = hostname();
  return {
    id: randomUUID(),
    madeMs,
    subject: `Test notice of tlsrpt on ${host}`,
    text: `This is a test: tlsrpt on ${host} tells its notices here.`,
    facts: { kind: 'test', host },
  };
}
