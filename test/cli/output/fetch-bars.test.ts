import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { withFetchBars } from '#cli/output/fetch-bars.ts';
import type { Shown } from '#cli/output/fetch-bars.ts';
import { event } from '#events/event.ts';

describe('withFetchBars', () => {
  it('shows nothing and holds nothing back where nobody looks on', async () => {
    const logged: string[] = [];
    const result = await withFetchBars({ terminal: undefined, log: ({ name }) => logged.push(name) }, (shown) => {
      shown.log(event('info', 'day-fetched', ''));
      expect([shown.watch, logged]).toEqual([undefined, ['day-fetched']]);
      return Promise.resolve('done');
    });
    expect(result).toBe('done');
  });

  it('shows a bar for each source on a terminal, and the log after them', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    let written = '';
    terminal.setEncoding('utf8').on('data', (text: string) => (written += text));
    const log = (): unknown => (written += 'LOGGED');
    const fetch = ({ watch, log: held }: Shown): Promise<void> => {
      for (const source of ['/mx1', '/mx2\u001b[31m']) watch?.begun(source)(50, 100);
      held(event('info', 'day-fetched', ''));
      watch?.ended('/mx1');
      return Promise.resolve();
    };
    await withFetchBars({ terminal, log }, fetch);
    expect(written).toContain('50% /mx1\u001b');
    expect(written).toContain('50% /mx2\\u001b[31m');
    expect(written.endsWith('LOGGED')).toBe(true);
  });
});
