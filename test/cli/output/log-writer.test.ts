import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logWriter } from '#cli/output/log-writer.ts';
import type { LogWriterOptions } from '#cli/output/log-writer.ts';
import { event, levels } from '#events/event.ts';
import type { LogEvent } from '#events/event.ts';

const HOSTILE = 'a\u001b[2J\r\nb\u0000\u007f\u009b2J\u202e\u2066\u200f\u061c\u2028c';

function written(told: LogEvent, options: Partial<LogWriterOptions> = {}): string {
  let text = '';
  const log = logWriter({
    level: 'info',
    format: 'text',
    withTime: false,
    part: undefined,
    clock: { nowMs: () => Date.UTC(2026, 10, 20, 6) },
    write: (line) => (text += line),
    ...options,
  });
  log(told);
  return text;
}

describe('logWriter', () => {
  it('writes a line for people', () => {
    const told = event('warning', 'thing-done', 'A thing was done.', { thing: 'x' });
    expect(written(told)).toBe('warning thing-done: A thing was done.\n');
    expect(written(told, { withTime: true })).toBe('2026-11-20T06:00:00.000Z warning thing-done: A thing was done.\n');
  });

  it('names the part that says it, where several share a log', () => {
    const told = event('warning', 'thing-done', 'A thing was done.');
    expect(written(told, { part: 'send' })).toBe('send warning thing-done: A thing was done.\n');
    expect(written(told, { part: 'send', withTime: true })).toBe(
      '2026-11-20T06:00:00.000Z send warning thing-done: A thing was done.\n',
    );
    expect(JSON.parse(written(told, { part: 'send', format: 'json' }))).toMatchObject({
      level: 'warning',
      part: 'send',
    });
    expect(written(told, { format: 'json' })).not.toContain('part');
  });

  it('writes details below it, each on an indented line of its own', () => {
    const told = { ...event('error', 'thing-broken', 'One\nerror: x'), details: ['two', 'three\nerror: y'] };
    expect(written(told)).toBe('error thing-broken: One\\u000aerror: x\n  two\n  three\\u000aerror: y\n');
    expect(JSON.parse(written(told, { format: 'json' }))).toMatchObject({
      message: 'One\nerror: x\n  two\n  three\nerror: y',
    });
  });

  it('writes a line for machines', () => {
    const told = event('warning', 'thing-done', 'A thing was done.', { thing: 'x', count: 2, left: undefined });
    expect(JSON.parse(written(told, { format: 'json' }))).toEqual({
      time: '2026-11-20T06:00:00.000Z',
      level: 'warning',
      event: 'thing-done',
      message: 'A thing was done.',
      thing: 'x',
      count: 2,
    });
  });

  it.each(levels)('leaves out what is less important than %s', (level) => {
    const shown = levels.filter((one) => written(event(one, 'thing-done', 'Done.'), { level }) !== '');
    expect(shown).toEqual(levels.slice(levels.indexOf(level)));
  });

  it.each(['text', 'json'] as const)('writes no control character but the end of the line: %s', (format) => {
    const line = written(event('info', 'thing-done', HOSTILE, { thing: HOSTILE }), { format });
    expect(line.endsWith('\n')).toBe(true);
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  });

  it('loses nothing of what it escapes in JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (thing) => {
        const line = written(event('info', 'thing-done', thing, { thing }), { format: 'json' });
        expect(JSON.parse(line)).toMatchObject({ message: thing, thing });
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      }),
    );
  });
});
