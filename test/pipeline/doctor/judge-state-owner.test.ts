import { describe, expect, it } from 'vitest';
import { judgeStateOwner } from '#pipeline/doctor/judge-state-owner.ts';

const facts = {
  directory: '/s',
  userId: 990,
  user: 'tlsrpt',
  mode: 0o40700,
  collectorUser: undefined,
  entries: [{ path: '/s/a', userId: 990 }],
};

describe('judgeStateOwner', () => {
  it('is content with a directory whose owner owns all of it', () => {
    expect(judgeStateOwner(facts)).toMatchObject([{ grade: 'ok' }]);
    expect(judgeStateOwner({ ...facts, collectorUser: 'tlsrpt' })).toMatchObject([{ grade: 'ok' }]);
  });

  it('finds that it belongs to somebody else than the collector runs as', () => {
    const ofRoot = { ...facts, userId: 0, user: 'root', collectorUser: 'tlsrpt' };
    expect(judgeStateOwner(ofRoot)).toEqual([
      {
        grade: 'broken',
        check: 'state-directory',
        what: '/s belongs to root, and tlsrpt.service runs as tlsrpt, who can write nothing there.',
        fix: 'chown -R tlsrpt: /s',
      },
    ]);
  });

  it('finds what root left behind', () => {
    const entries = [...facts.entries, { path: '/s/outbox/b', userId: 0 }];
    expect(judgeStateOwner({ ...facts, entries })).toEqual([
      {
        grade: 'broken',
        check: 'state-directory',
        what: '1 of what is in /s does not belong to tlsrpt, such as /s/outbox/b.',
        fix: 'chown -R tlsrpt: /s',
      },
    ]);
  });

  it('finds that everybody can look into it', () => {
    expect(judgeStateOwner({ ...facts, mode: 0o40755 })).toMatchObject([{ grade: 'warning', fix: 'chmod o= /s' }]);
  });
});
