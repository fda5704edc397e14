import { describe, expect, it } from 'vitest';
import { judgeSources } from '#pipeline/doctor/judge-sources.ts';

const name = 'sftp://mx2.example/var/lib/tlsrpt';

describe('judgeSources', () => {
  it('is content with a source that answers', () => {
    expect(judgeSources([{ name, outcome: { kind: 'readable' } }])).toMatchObject([
      { grade: 'ok', what: `${name} can be read.` },
    ]);
  });

  it('finds one that cannot be reached, and one that wants something else, as it says', () => {
    expect(
      judgeSources([
        { name, outcome: { kind: 'unreachable', why: 'ECONNREFUSED' } },
        { name, outcome: { kind: 'refused', why: 'there is no key', advice: 'Make one.' } },
      ]),
    ).toMatchObject([
      { grade: 'broken', check: 'sources', what: `${name} cannot be reached: ECONNREFUSED.` },
      { grade: 'broken', check: 'sources', what: `${name} cannot be read: there is no key.`, fix: 'Make one.' },
    ]);
  });
});
