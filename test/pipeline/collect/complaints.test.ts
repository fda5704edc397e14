import { describe, expect, it } from 'vitest';
import { event } from '#events/event.ts';
import type { LogEvent } from '#events/event.ts';
import { Complaints } from '#pipeline/collect/complaints.ts';

function startComplaining(): {
  complain: (kind: string, atMs: number) => void;
  forget: (kind: string) => void;
  said: string[];
} {
  const said: string[] = [];
  let nowMs = 0;
  const complaints = new Complaints(
    ({ message }) => said.push(message),
    () => nowMs,
  );
  const complain = (kind: string, atMs: number): void => {
    nowMs = atMs;
    complaints.about(kind, (): LogEvent => event('warning', 'thing-failed', `${kind} ${String(atMs)}`));
  };
  return {
    complain,
    said,
    forget: (kind) => {
      complaints.forget(kind);
    },
  };
}

describe('Complaints', () => {
  it('are made once a minute for each kind', () => {
    const { complain, said } = startComplaining();
    for (let atMs = 0; atMs <= 120_000; atMs += 500) {
      complain('one', atMs);
      if (atMs < 60_000) complain('other', atMs);
    }
    expect(said).toEqual(['one 0', 'other 0', 'one 60000', 'one 120000']);
  });

  it('are made at once after what they were about has passed', () => {
    const { complain, forget, said } = startComplaining();
    complain('one', 0);
    complain('other', 0);
    forget('one');
    complain('one', 1);
    complain('other', 1);
    expect(said).toEqual(['one 0', 'other 0', 'one 1']);
  });

  it('make no sentence that is not said', () => {
    const complaints = new Complaints(
      () => undefined,
      () => 0,
    );
    let made = 0;
    const make = (): LogEvent => {
      made += 1;
      return event('warning', 'thing-failed', 'Failed.');
    };
    for (let count = 0; count < 10; count += 1) complaints.about('one', make);
    expect(made).toBe(1);
  });
});
