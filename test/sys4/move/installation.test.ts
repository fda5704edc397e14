import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSource } from '#cli/arguments/source-address.ts';
import { findInstallation } from '#sys4/move/installation.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function found(values: Readonly<Record<string, string>>): Sys4Installation {
  return findInstallation(
    Object.entries(values).map(([name, value]) => {
      const [section = '', key = ''] = name.split('.');
      return { path: 'file.cfg', section: `tlsrpt_${section}`, key, shown: key, value };
    }),
  );
}

function filesIn(directory: string, ...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(directory, name), '');
}

describe('findInstallation', () => {
  it.each([
    'sqlite://PATH',
    'sqlite:PATH',
    'sqlite:///PATH',
    'SQLITE://localhostPATH',
    'dummy://?log,sqlite://PATH?x=y',
  ])('finds both databases of the collector by %s', (storage) => {
    const directory = scratchDirectory();
    filesIn(directory, 'c.sqlite', 'c.sqlite.yesterday');
    const path = join(directory, 'c.sqlite');
    expect(found({ 'collectd.storage': storage.replace('PATH', path) })).toEqual({
      collected: [`${path}.yesterday`, path],
      reportd: undefined,
      fetchers: [],
      sources: [],
      missing: [],
    });
  });

  it('reads a path as a URL', () => {
    const directory = scratchDirectory();
    filesIn(directory, 'a b.sqlite');
    const storage = `sqlite://${directory}/a%20b.sqlite`;
    expect(found({ 'fetcher.storage': storage }).collected).toEqual([`${directory}/a b.sqlite`]);
  });

  it('is content with one of the two', () => {
    const directory = scratchDirectory();
    filesIn(directory, 'c.sqlite.yesterday');
    const path = join(directory, 'c.sqlite');
    expect(found({ 'collectd.storage': `sqlite://${path}` })).toMatchObject({
      collected: [`${path}.yesterday`],
      missing: [],
    });
  });

  it.each([
    [{ 'collectd.storage': 'sqlite:///nonexistent/x' }, '/nonexistent/x (storage), which is not there'],
    [{ 'collectd.storage': 'sqlite:///dev/null/x' }, '/dev/null/x (storage), which is not there'],
    [{ 'collectd.storage': 'dummy://?log' }, 'storage = dummy://?log, which is no sqlite:///PATH'],
    [{ 'collectd.storage': 'mysql://me:hunter2@db/x' }, 'storage = mysql://me:***@db/x, which is no sqlite:///PATH'],
    [{ 'collectd.socketname': '/run/x' }, 'storage, which is not set'],
    [{ 'reportd.dbname': 'nonexistent/x' }, '/nonexistent/x (dbname), which is not there'],
    [{ 'reportd.keep_days': '3' }, 'dbname, which is not set'],
  ])('names of %j what is missing', (values, missing) => {
    expect(found(values)).toEqual({ collected: [], reportd: undefined, fetchers: [], sources: [], missing: [missing] });
  });

  it('knows by which commands the reporter read the collector of this host', () => {
    const fetchers = 'tlsrpt-fetcher, ssh mx1 tlsrpt-fetcher';
    const values = { 'collectd.storage': 'sqlite:///nonexistent/x', 'reportd.fetchers': fetchers };
    expect(found(values).fetchers).toMatchObject([
      { words: ['tlsrpt-fetcher'], reads: 'own' },
      { words: ['ssh', 'mx1', 'tlsrpt-fetcher'], reads: 'other' },
    ]);
    expect(found({ 'reportd.fetchers': fetchers }).fetchers.map(({ reads }) => reads)).toEqual(['other', 'other']);
  });

  it('knows sources of ours that are the database itself, or a command that reads it', () => {
    const directory = scratchDirectory();
    filesIn(directory, 'c.sqlite');
    const value = `sqlite://${directory}/c.sqlite`;
    const keys = [{ path: 'x', section: 'tlsrpt_collectd', key: 'storage', shown: 'storage', value }];
    const database = `${directory}/c.sqlite.yesterday`;
    const judged = (...sources: string[]): unknown =>
      findInstallation(keys, { sources: sources.map(parseSource), hostNames: ['mx2'] }).sources.map(
        ({ reads }) => reads,
      );
    expect(judged(database, 'tlsrpt-fetcher')).toEqual(['own', 'own']);
    expect(judged('/y/c.sqlite.yesterday', '/var/lib/t', `sftp://mx1${database}`)).toEqual(['other', 'other', 'other']);
    expect(judged('sftp://mx2/var/lib/tlsrpt', 'ssh mx1 tlsrpt-fetcher')).toEqual(['other', 'other']);
    expect(judged('old-fetch', `sftp://mx2${database}`)).toEqual(['unknown', 'unknown']);
  });

  it('names the database of another collector, which the fetcher reads', () => {
    const directory = scratchDirectory();
    filesIn(directory, 'c.sqlite');
    const collectd = { 'collectd.storage': `sqlite://${directory}/c.sqlite` };
    expect(found({ ...collectd, 'fetcher.storage': `sqlite://${directory}/./c.sqlite` }).missing).toEqual([]);
    expect(found({ ...collectd, 'fetcher.storage': 'sqlite:///second.sqlite' }).missing).toEqual([
      '/second.sqlite (storage in [tlsrpt_fetcher]), which is not the database in [tlsrpt_collectd]',
    ]);
  });

  it('misses nothing of a program that is not configured', () => {
    expect(found({})).toEqual({ collected: [], reportd: undefined, fetchers: [], sources: [], missing: [] });
  });

  it('takes what it may not look at for what is there', () => {
    const directory = join(scratchDirectory(), 'private');
    mkdirSync(directory);
    filesIn(directory, 'r.sqlite');
    chmodSync(directory, 0o000);
    const path = join(directory, 'r.sqlite');
    const { reportd } = found({ 'reportd.dbname': path });
    chmodSync(directory, 0o700);
    expect(reportd).toBe(path);
  });
});
