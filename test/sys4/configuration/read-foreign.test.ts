import { describe, expect, it } from 'vitest';
import { readForeign } from '#sys4/configuration/read-foreign.ts';
import type { ForeignFile } from '#sys4/configuration/read-foreign.ts';

describe('readForeign', () => {
  it('takes the section of a program from its own file, where the example with all three was copied to each', () => {
    const example = example3('/tmp/example', 'level = 1\n');
    expect(
      valuesOf(
        file('/etc/tlsrpt/collectd.cfg', example3('/var/lib/collectd')),
        file('/etc/tlsrpt/fetcher.cfg', example.replace('fetcher]\nstorage = /tmp', 'fetcher]\nstorage = /var/lib')),
        file('/etc/tlsrpt/reportd.cfg', example),
      ),
    ).toEqual({
      'tlsrpt_collectd storage': '/var/lib/collectd',
      'tlsrpt_fetcher storage': '/var/lib/example',
      'tlsrpt_fetcher level': '1',
      'tlsrpt_reportd storage': '/tmp/example',
      'tlsrpt_reportd level': '1',
    });
  });

  it('takes it from any file where its own has none', () => {
    const values = valuesOf(
      file('/etc/tlsrpt/collectd.cfg', '[tlsrpt_collectd]\nstorage = a\n'),
      file('/etc/tlsrpt/all.cfg', '[tlsrpt_reportd]\ndbname = b\n'),
    );
    expect(values).toEqual({ 'tlsrpt_collectd storage': 'a', 'tlsrpt_reportd dbname': 'b' });
  });

  it('puts a file of variables above the others, whichever is named first', () => {
    const collectd = file('/etc/tlsrpt/collectd.cfg', '[tlsrpt_collectd]\nstorage = a\nsocketname = s\n');
    const variables = file('sys4.env', 'PATH=/bin\nTLSRPT_COLLECTD_STORAGE=b\n');
    const expected = { 'tlsrpt_collectd storage': 'b', 'tlsrpt_collectd socketname': 's' };
    expect([valuesOf(collectd, variables), valuesOf(variables, collectd)]).toEqual([expected, expected]);
  });
});

function example3(storage: string, more = ''): string {
  return ['collectd', 'fetcher', 'reportd'].map((name) => `[tlsrpt_${name}]\nstorage = ${storage}\n${more}`).join('');
}

function file(path: string, content: string): ForeignFile {
  return { path, content: Buffer.from(content) };
}

function valuesOf(...files: readonly ForeignFile[]): Record<string, string> {
  const { keys, problems } = readForeign(files, {});
  expect(problems).toEqual([]);
  return Object.fromEntries(keys.map(({ section, key, value }) => [`${section} ${key}`, value]));
}
