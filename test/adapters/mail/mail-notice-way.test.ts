import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MailCarrier } from '#adapters/mail/mail-carrier.ts';
import { mailNoticeWay } from '#adapters/mail/mail-notice-way.ts';
import { sendmailCarrier } from '#adapters/mail/sendmail-transport.ts';
import { smtpCarrier } from '#adapters/mail/smtp-transport.ts';
import type { NoticeWay } from '#pipeline/notify/notice-way.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSilentServer } from '#test/support/silent-server.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions } from '#test/support/smtp-sink.ts';
import { until } from '#test/support/until.ts';

const NOTICE = { id: 'one', madeMs: 0, subject: 's', text: 't', facts: {} };
const TIMEOUT_MS = 60_000;

function wayBy(carrier: MailCarrier, to = 'admin@a.example'): NoticeWay {
  const way = mailNoticeWay(carrier, { from: 'tls@a.example', to, now: () => 0 });
  onTestFinished(() => way.close());
  return way;
}

function wayOver(port: number): NoticeWay {
  const url = `smtp://127.0.0.1:${String(port)}`;
  const options = { url, tls: 'opportunistic', timeoutMs: TIMEOUT_MS, maxConnections: 1, now: () => 0 } as const;
  return wayBy(smtpCarrier({ ...options, from: 'tls@a.example' }));
}

async function sinkThat(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options);
  onTestFinished(() => sink.close());
  return sink;
}

describe('mailNoticeWay', () => {
  it('hands a mail to the server, and has it told when that has taken it', async () => {
    const sink = await sinkThat();
    expect(await wayOver(sink.port).tell(NOTICE, new AbortController().signal)).toMatchObject({ kind: 'told' });
    expect(sink.mails[0]?.to).toEqual(['admin@a.example']);
  });

  it('hands a command whatever address the operator names', async () => {
    const file = join(scratchDirectory(), 'words');
    const words = ['/bin/sh', '-c', `echo "$*" > ${file}; cat > /dev/null`, 'sh'] as const;
    const way = wayBy(sendmailCarrier({ words, timeoutMs: TIMEOUT_MS }), 'r&d@a.example');
    expect(await way.tell(NOTICE, new AbortController().signal)).toMatchObject({ kind: 'told' });
    expect(readFileSync(file, 'utf8')).toBe('-i -f tls@a.example -- r&d@a.example\n');
  });

  it('knows that nothing was told when it is ended before the server wants the mail', async () => {
    const ending = new AbortController();
    const silent = await startSilentServer();
    onTestFinished(() => {
      silent.close();
    });
    const greeted = wayOver(silent.port).tell(NOTICE, ending.signal);
    let asked = false;
    const onRcptTo = (): 'silent' => {
      asked = true;
      return 'silent';
    };
    const named = wayOver((await sinkThat({ onRcptTo })).port).tell(NOTICE, ending.signal);
    await until(() => asked);
    ending.abort();
    expect([(await greeted).kind, (await named).kind]).toEqual(['not-told', 'not-told']);
  });

  it('does not know it when it is ended after the server, or a command, had the mail', async () => {
    const ending = new AbortController();
    let isThere = false;
    const onData = (): 'silent' => {
      isThere = true;
      return 'silent';
    };
    const taken = wayOver((await sinkThat({ onData })).port).tell(NOTICE, ending.signal);
    const file = join(scratchDirectory(), 'mail');
    const words = ['/bin/sh', '-c', `cat > ${file}; sleep 600`, 'sh'] as const;
    const piped = wayBy(sendmailCarrier({ words, timeoutMs: TIMEOUT_MS })).tell(NOTICE, ending.signal);
    await until(() => isThere && existsSync(file));
    ending.abort();
    expect([(await taken).kind, (await piped).kind]).toEqual(['cut-off', 'cut-off']);
  });
});
