import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sendmailTransport } from '#adapters/mail/sendmail-transport.ts';
import type { ReportTransport } from '#pipeline/send/report-transport.ts';
import { describeReportTransport, reportWithId } from '#test/contracts/report-transport.contract.ts';
import type { PeerBehaviour } from '#test/contracts/report-transport.contract.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { until } from '#test/support/until.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

const REPORT = reportWithId('id-1@sender.example');
const ADDRESS = mailbox('tls@good.example');
const TAKE_MAIL = 'cat > "$dir/$$.part" && mv "$dir/$$.part" "$dir/$(date +%s%N)-$$.mail"';

interface FakeSendmail {
  readonly path: string;
  mails(): Promise<string[]>;
  args(): Promise<string>;
  remove(): Promise<void>;
}

/** A shell script that notes its arguments and then does as told; `$dir` is where it keeps things. */
async function makeSendmail(script: string): Promise<FakeSendmail> {
  const dir = await mkdtemp(join(tmpdir(), 'tlsrpt-sendmail-'));
  const path = join(dir, 'sendmail');
  await writeFile(path, ['#!/bin/sh', `dir='${dir}'`, `printf '%s\\n' "$@" > "$dir/args"`, script, ''].join('\n'));
  await chmod(path, 0o755);
  return {
    path,
    mails: async () => {
      const names = (await readdir(dir)).filter((name) => name.endsWith('.mail')).sort();
      return Promise.all(names.map((name) => readFile(join(dir, name), 'latin1')));
    },
    args: () => readFile(join(dir, 'args'), 'utf8'),
    remove: () => rm(dir, { recursive: true }),
  };
}

function mailbox(address: string): ReportingAddress {
  return { scheme: 'mailto', uri: `mailto:${address}`, mailbox: address, host: 'good.example' };
}

function transportThrough(path: string, timeoutMs = 10_000, args: readonly string[] = []): ReportTransport {
  return sendmailTransport({
    words: [path, ...args],
    from: 'tlsrpt@sender.example',
    timeoutMs,
    now: () => Date.UTC(2026, 10, 20),
  });
}

const PEERS: Record<PeerBehaviour, string> = {
  accept: TAKE_MAIL,
  temporary: 'cat > /dev/null; echo "try later" >&2; exit 75',
  final: 'cat > /dev/null; echo "no such user" >&2; exit 67',
  absent: '',
  silent: 'exec sleep 600',
};

describeReportTransport('sendmailTransport', async (peer) => {
  const sendmail = await makeSendmail(PEERS[peer]);
  if (peer === 'absent') await rm(sendmail.path);
  return {
    transport: transportThrough(sendmail.path, peer === 'silent' ? 300 : 10_000),
    address: ADDRESS,
    received: async () => Promise.all((await sendmail.mails()).map(reportIdOf)),
    stop: () => sendmail.remove(),
  };
});

async function reportIdOf(raw: string): Promise<string> {
  return ((await readReportMail(raw)).document as { 'report-id': string })['report-id'];
}

/** A process that was killed is a zombie until somebody has asked how it ended. */
function stateOf(pid: string): 'running' | 'ended' {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? 'ended' : 'running';
  } catch {
    return 'ended';
  }
}

describe('sendmailTransport', () => {
  const made: FakeSendmail[] = [];

  afterEach(async () => {
    for (const sendmail of made.splice(0)) await sendmail.remove();
  });

  async function make(script: string): Promise<FakeSendmail> {
    const sendmail = await makeSendmail(script);
    made.push(sendmail);
    return sendmail;
  }

  it('says to which command it handed the mail', async () => {
    const sendmail = await make(TAKE_MAIL);
    expect(await transportThrough(sendmail.path).deliver(REPORT, ADDRESS)).toEqual({
      kind: 'delivered',
      reply: `handed to ${sendmail.path}`,
    });
  });

  it('writes the mail with LF line ends', async () => {
    const sendmail = await make(TAKE_MAIL);
    await transportThrough(sendmail.path).deliver(REPORT, ADDRESS);
    const [mail = ''] = await sendmail.mails();
    expect(mail).toMatch(/^From: tlsrpt@sender\.example\nTo: tls@good\.example\n/);
    expect(mail).not.toContain('\r');
  });

  it.each(['-oQ/tmp@good.example', "o'hara+#{*}?~!%=/^_@good.example"])(
    'passes %s as a recipient and nothing else',
    async (address) => {
      const sendmail = await make(TAKE_MAIL);
      await transportThrough(sendmail.path).deliver(REPORT, mailbox(address));
      expect(await sendmail.args()).toBe(`-i\n-f\ntlsrpt@sender.example\n--\n${address}\n`);
    },
  );

  it.each([
    '$(touch x)@good.example',
    '`touch${IFS}x`@good.example',
    '|sh@good.example',
    'a&touch${IFS}x&b@good.example',
    '"a;touch x;b"@good.example',
    '"a>x"@good.example',
    '"root,a"@good.example',
  ])('does not pass %s, which a shell behind the command would run or send elsewhere', async (address) => {
    const sendmail = await make(`sh -c "cd '$dir'; true $*"; ${TAKE_MAIL}`);
    expect(await transportThrough(sendmail.path).deliver(REPORT, mailbox(address))).toEqual({
      kind: 'refused',
      reply: `not given to ${sendmail.path}: a shell could take the address for something else`,
    });
    await expect(sendmail.args()).rejects.toThrow('ENOENT');
  });

  it('puts the arguments that the operator wants before its own', async () => {
    const sendmail = await make(TAKE_MAIL);
    await transportThrough(sendmail.path, 10_000, ['-a', 'second account']).deliver(REPORT, ADDRESS);
    expect(await sendmail.args()).toBe(`-a\nsecond account\n-i\n-f\ntlsrpt@sender.example\n--\ntls@good.example\n`);
  });

  it('repeats what the command complains about', async () => {
    const sendmail = await make('cat > /dev/null; printf "mail system\\n\\033[31mis down" >&2; exit 75');
    expect(await transportThrough(sendmail.path).deliver(REPORT, ADDRESS)).toEqual({
      kind: 'deferred',
      reply: `${sendmail.path} ended with 75: mail system [31mis down`,
    });
  });

  it('survives a command that does not read the mail', async () => {
    const sendmail = await make('exit 65');
    const big = { ...REPORT, summary: 'x\n'.repeat(500_000) };
    expect((await transportThrough(sendmail.path).deliver(big, ADDRESS)).kind).toBe('refused');
  });

  it('does not wait for what the command leaves running', async () => {
    const sendmail = await make(`${TAKE_MAIL}; sleep 600 & echo $! > "$dir/left-running"`);
    const outcome = await transportThrough(sendmail.path, 30_000).deliver(REPORT, ADDRESS);
    process.kill(Number(await readFile(join(sendmail.path, '../left-running'), 'utf8')));
    expect(outcome.kind).toBe('delivered');
  });

  it('does not wait for it where the command fails either, and repeats its complaint', async () => {
    const sendmail = await make('sleep 600 & echo $! > "$dir/left-running"; echo "try later" >&2; exit 75');
    const outcome = await transportThrough(sendmail.path, 30_000).deliver(REPORT, ADDRESS);
    process.kill(Number(await readFile(join(sendmail.path, '../left-running'), 'utf8')));
    expect(outcome).toEqual({ kind: 'deferred', reply: `${sendmail.path} ended with 75: try later` });
  });

  it('ends what does not end in time with all that it has started', async () => {
    const sendmail = await make('sleep 600 & echo $! > "$dir/started"; wait');
    const outcome = await transportThrough(sendmail.path, 1_000).deliver(REPORT, ADDRESS);
    expect(outcome).toMatchObject({ kind: 'deferred', reply: `${sendmail.path} did not end in time` });
    const started = await readFile(join(sendmail.path, '../started'), 'utf8');
    await until(() => stateOf(started.trim()) !== 'running');
  });

  it('runs the command in a group of its own, which Ctrl-C does not reach', async () => {
    const sendmail = await make(`cut -d " " -f 1,5 "/proc/$$/stat" > "$dir/group"; ${TAKE_MAIL}`);
    await transportThrough(sendmail.path).deliver(REPORT, ADDRESS);
    const [pid, group] = (await readFile(join(sendmail.path, '../group'), 'utf8')).trim().split(' ');
    expect(group).toBe(pid);
  });

  it('takes an HTTPS destination for the bug that it is', async () => {
    const https: ReportingAddress = { scheme: 'https', uri: 'https://good.example/tls', host: 'good.example' };
    await expect(transportThrough('/bin/true').deliver(REPORT, https)).rejects.toThrow('https://good.example/tls');
  });
});
