import { describe, expect, it } from 'vitest';
import { parseSource } from '#cli/arguments/source-address.ts';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import type { ImportResult } from '#sys4/configuration/import-sys4.ts';
import { COLLECTD, filesOf, loaded, reportd, settingsFrom } from '#test/support/sys4-configuration.ts';

describe('the fetchers of a configuration', () => {
  it('are read in lines of their own', () => {
    const { sources } = settingsFrom(reportd('fetchers =', '  ssh mx1 tlsrpt-fetcher,', '  ssh mx2 tlsrpt-fetcher'));
    expect(sources).toEqual(['ssh mx1 tlsrpt-fetcher', 'ssh mx2 tlsrpt-fetcher']);
  });

  it.each([
    [COLLECTD, 'tlsrpt-fetcher', []],
    [COLLECTD, '/usr/bin/tlsrpt-fetcher --storage sqlite:///var/lib/tlsrpt/collectd.sqlite', []],
    [COLLECTD, 'tlsrpt-fetcher --storage=sqlite:///other.sqlite', ['tlsrpt-fetcher --storage=sqlite:///other.sqlite']],
    ['', 'tlsrpt-fetcher', ['tlsrpt-fetcher']],
  ])('fetches nothing from the collector that ours replaces: %#', (collectd, fetchers, sources) => {
    const files = [collectd, reportd(`fetchers = ${fetchers}`)].filter((content) => content !== '');
    expect(settingsFrom(...files).sources).toEqual(sources);
  });

  it.each([
    ['ssh mx1 cd /x && tlsrpt-fetcher', ['ssh', 'mx1', 'cd', '/x', '&&', 'tlsrpt-fetcher']],
    ['ssh mx1 $HOME/bin/tlsrpt-fetcher', ['ssh', 'mx1', '$HOME/bin/tlsrpt-fetcher']],
    ['ssh mx1 /opt/tlsrpt-*/tlsrpt-fetcher', ['ssh', 'mx1', '/opt/tlsrpt-*/tlsrpt-fetcher']],
    ['ssh mx1 sh -c \'cd /x; exec f "$@"\' f', ['ssh', 'mx1', 'sh', '-c', "'cd", '/x;', 'exec', 'f', '"$@"\'', 'f']],
    ['ssh  mx1 tlsrpt-fetcher', ['ssh', 'mx1', 'tlsrpt-fetcher']],
    ["fetch it's", ['fetch', "it's"]],
    ['fetch a\\b #c ~/d {e} ! <f >g | `h`', ['fetch', 'a\\b', '#c', '~/d', '{e}', '!', '<f', '>g', '|', '`h`']],
  ])('runs of %s the words that sys4 runs, whatever a shell would make of them', (command, words) => {
    const { sources } = settingsFrom(reportd(`fetchers = ${command}`));
    expect(sources.map((source) => parseSource(source))).toMatchObject([{ kind: 'command', words }]);
  });

  it('leaves the fetcher of this host out where its own section is all that is known of the collector, and that is moved', () => {
    const files = filesOf(['[tlsrpt_fetcher]\nstorage = sqlite:///x\n', reportd('fetchers = tlsrpt-fetcher')]);
    const sourcesOf = (result: ImportResult): unknown => result.kind === 'imported' && loaded(result.toml).sources;
    expect(sourcesOf(importSys4(files, {}, { isMove: true }))).toEqual([]);
    expect(sourcesOf(importSys4(files, {}))).toEqual(['tlsrpt-fetcher']);
  });

  it.each([
    ['sudo -u tlsrpt tlsrpt-fetcher', []],
    ['/usr/bin/env TZ=UTC /usr/bin/tlsrpt-fetcher --config_file /etc/tlsrpt/fetcher.cfg', []],
    ['python3 /opt/tlsrpt_reporter/tlsrpt_fetcher.py', []],
    ['sudo -u tlsrpt ssh mx1 tlsrpt-fetcher', ['sudo -u tlsrpt ssh mx1 tlsrpt-fetcher']],
    ['sudo docker exec collector tlsrpt-fetcher', ['sudo docker exec collector tlsrpt-fetcher']],
    ['/usr/local/bin/fetch-from mx1 tlsrpt-fetcher', ['/usr/local/bin/fetch-from mx1 tlsrpt-fetcher']],
    ['fetch-from-mx1', ['fetch-from-mx1']],
  ])('knows the collector of this host behind %s', (command, sources) => {
    expect(
      settingsFrom('[tlsrpt_collectd]\nsocketname = /run/x.sock\n', reportd(`fetchers = ${command}`)).sources,
    ).toEqual(sources);
  });
});
