import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressBar } from '#cli/output/progress-bar.ts';
import { event } from '#events/event.ts';

function terminal(): { stream: Writable; written: () => string } {
  let text = '';
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: true, columns: 80 }), written: () => text };
}

describe('a progress bar', () => {
  it('shows at a terminal how much is done, and leaves no bar behind', () => {
    const { stream, written } = terminal();
    const bar = progressBar('delivering', () => undefined, stream);
    bar.expect(3);
    bar.advance(1);
    bar.expect(1);
    bar.advance(2);
    bar.stop();
    expect(written()).toContain('delivering [');
    expect(written()).toContain('/3');
    const lastClear = Math.max(written().lastIndexOf('\u001b[0J'), written().lastIndexOf('\u001b[0K'));
    expect(written().lastIndexOf('delivering')).toBeLessThan(lastClear);
  });

  it('makes room for log lines', () => {
    const { stream, written } = terminal();
    const logged: string[] = [];
    const bar = progressBar(
      'delivering',
      ({ name }) => logged.push(`${name} after ${String(written().length)}`),
      stream,
    );
    bar.expect(1);
    const before = written().length;
    bar.log(event('warning', 'report-refused', 'no'));
    bar.stop();
    expect(logged).toEqual([`report-refused after ${String(before + 4)}`]);
  });

  it('is nothing where nobody watches, or nothing is to be done', () => {
    const logged: string[] = [];
    const invisible = progressBar('delivering', ({ name }) => logged.push(name), undefined);
    invisible.expect(1);
    invisible.log(event('info', 'report-delivered', 'yes'));
    invisible.advance(1);
    invisible.stop();
    expect(logged).toEqual(['report-delivered']);
    const { stream, written } = terminal();
    progressBar('delivering', () => undefined, stream).stop();
    expect(written()).not.toContain('delivering');
  });
});
