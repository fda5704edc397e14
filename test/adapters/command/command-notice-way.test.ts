import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNoticeWay } from '#adapters/command/command-notice-way.ts';
import type { NoticeOutcome } from '#pipeline/notify/notice-way.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { until } from '#test/support/until.ts';

const NOTICE = { id: '$(touch owned); `id`', madeMs: 0, subject: 's', text: 't', facts: {} };

function tellTo(
  words: readonly [string, ...string[]],
  timeoutMs = 10_000,
  ending = new AbortController().signal,
): Promise<NoticeOutcome> {
  const environment = { PATH: process.env['PATH'], NOTIFY_SOCKET: '/run/notify', TLSRPT_STATE_DIR: '/x' };
  return commandNoticeWay({ words, timeoutMs, environment, inputOf: ({ id }) => id }).tell(NOTICE, ending);
}

describe('commandNoticeWay', () => {
  it('gives the notice on standard input, and next to nothing of the environment', async () => {
    const directory = scratchDirectory();
    const script = `cat > "$1/input"; env > "$1/env"; echo "$#" > "$1/count"`;
    expect(await tellTo(['/bin/sh', '-c', script, 'sh', directory])).toEqual({
      kind: 'told',
      reply: 'it ended with 0',
    });
    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    expect([read('input'), read('count')]).toEqual([NOTICE.id, '1\n']);
    expect(read('env')).not.toMatch(/NOTIFY_SOCKET|TLSRPT/);
  });

  it.each([
    ['it ended with 3: out of order', ['/bin/sh', '-c', 'echo "out\nof order" >&2; exit 3']],
    ['it was killed', ['/bin/sh', '-c', 'kill -9 $$']],
    ['it cannot be run: spawn /nowhere/tell ENOENT', ['/nowhere/tell']],
  ] as const)('says that %s', async (why, words) => {
    expect(await tellTo(words)).toEqual({ kind: 'not-told', why });
  });

  it('waits for one that does not end no longer than it may take', async () => {
    expect(await tellTo(['/bin/sleep', '600'], 50)).toEqual({ kind: 'not-told', why: 'it did not end in time' });
  });

  it('ends one that has it when it is to end itself, and does not know whether it told', async () => {
    const directory = scratchDirectory();
    const ending = new AbortController();
    const script = 'cat > "$1/input"; exec sleep 600';
    const told = tellTo(['/bin/sh', '-c', script, 'sh', directory], 60_000, ending.signal);
    await until(() => existsSync(join(directory, 'input')));
    ending.abort();
    expect(await told).toEqual({ kind: 'cut-off', why: 'it was ended with the run' });
  });

  it('is content with one that does not read what it is given', async () => {
    expect((await tellTo(['/bin/true'])).kind).toBe('told');
  });
});
