import { chmodSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configuredSources, parseSource } from '#cli/arguments/source-address.ts';
import { GivenFlags } from '#cli/command.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('parseSource', () => {
  it.each([
    ['/var/lib/tlsrpt/', '/var/lib/tlsrpt'],
    ['/mnt/my states/mx1', '/mnt/my states/mx1'],
    ['./states/mx1', resolve('states/mx1')],
    ['../mx1', resolve('../mx1')],
  ])('takes %s for a state directory', (text, path) => {
    expect(parseSource(text)).toEqual({ kind: 'path', name: path, path, isDatabase: false });
  });

  it.each(['/var/lib/tlsrpt-reporter/collectd.sqlite.yesterday', '/srv/collectd.sqlite', '/srv/collectd.db'])(
    'takes %s for a database of sys4',
    (path) => {
      expect(parseSource(path)).toEqual({ kind: 'path', name: path, path, isDatabase: true });
    },
  );

  it('takes URLs for places on other hosts', () => {
    const state = 'sftp://tlsrpt@mx1.example:2222/var/lib/tlsrpt';
    expect(parseSource(state)).toMatchObject({ kind: 'sftp', name: state, isDatabase: false });
    expect(parseSource('sftp://mx1/srv/collectd.sqlite.yesterday')).toMatchObject({ kind: 'sftp', isDatabase: true });
  });

  it.each([
    ['ssh mx1 tlsrpt-fetcher', ['ssh', 'mx1', 'tlsrpt-fetcher']],
    ['tlsrpt-fetcher', ['tlsrpt-fetcher']],
    [String.raw`ssh  -o "A B" mx1 'c d' e\ f`, ['ssh', '-o', 'A B', 'mx1', 'c d', 'e f']],
    ['/bin/sh -c tlsrpt-fetcher', ['/bin/sh', '-c', 'tlsrpt-fetcher']],
  ])('takes %s for a command', (text, words) => {
    expect(parseSource(text)).toMatchObject({ kind: 'command', words });
  });

  it('names a command as people write it, with quotes only where they must be', () => {
    const text = 'tlsrpt-fetcher --storage sqlite:///var/lib/tlsrpt/collectd.sqlite "a b"';
    expect(parseSource(text).name).toBe("tlsrpt-fetcher --storage sqlite:///var/lib/tlsrpt/collectd.sqlite 'a b'");
  });

  it('takes a path for one whatever is in it', () => {
    expect(parseSource('/data/${x')).toMatchObject({ kind: 'path', path: '/data/${x' });
  });

  it('gives a command the same name however it is written', () => {
    expect(parseSource(`ssh   mx1 "tlsrpt-fetcher"`).name).toBe('ssh mx1 tlsrpt-fetcher');
  });

  it('does not take a file that happens to be executable for a program when it is a database', () => {
    const file = join(scratchDirectory(), 'collectd.sqlite.yesterday');
    writeFileSync(file, '');
    chmodSync(file, 0o755);
    expect(parseSource(file)).toMatchObject({ kind: 'path', isDatabase: true });
  });

  it.each([
    ['mx1:/var/lib/tlsrpt', 'none of these'],
    ['state/dir', 'none of these'],
    ['', 'none of these'],
    ['ssh://mx1/s', 'form'],
    ['sftp://root:secret@mx1/s', 'password'],
    ['ssh mx1 fetcher | tee log', 'without a shell'],
    ['ssh mx1 fetcher; reboot', 'without a shell'],
    ['ssh $HOST fetcher', 'without a shell'],
    ['ssh ${HOST fetcher', 'without a shell'],
    ["ssh mx1 'fetcher", 'without a shell'],
    ['ssh mx1 $(fetcher)', 'without a shell'],
    ['ssh mx* fetcher', 'without a shell'],
  ])('does not take %j', (text, why) => {
    expect(() => parseSource(text)).toThrow(why);
  });

  it('does not repeat a password', () => {
    expect(() => parseSource('sftp://root:s3cret@mx1/s')).not.toThrow('s3cret');
  });
});

describe('configuredSources', () => {
  const sourcesOf = (typed: Readonly<Record<string, string[]>>): unknown =>
    configuredSources({ settings: { sources: ['/a', 'ftp://mx1/s'] }, given: new GivenFlags(typed) });

  it('says of a source that cannot be used in which setting it is', () => {
    expect(() => sourcesOf({})).toThrow(
      expect.objectContaining({
        code: 'configuration-error',
        message: expect.stringMatching(/^fetch\.sources: The source ftp:/) as string,
      }),
    );
  });

  it('takes one that was typed for a mistake of who typed it', () => {
    expect(() => sourcesOf({ source: ['/a', 'ftp://mx1/s'] })).toThrow(
      expect.objectContaining({ code: 'usage-error' }),
    );
  });
});
