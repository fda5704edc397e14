import { describe, expect, it } from 'vitest';
import { mapDestinations } from '#pipeline/report/map-destinations.ts';
import type { DestinationMaps, MappedDestinations } from '#pipeline/report/map-destinations.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { mapsOf } from '#test/support/maps.ts';

const MAIL = 'mailto:tls@mail.example';
const WEB = 'https://web.example/r';

function destinationOf(uri: string): Destination {
  const reading = readDestination(uri);
  if (reading.kind === 'unusable') throw new Error(reading.why);
  return reading.address;
}

function mapped(maps: DestinationMaps, ...uris: readonly string[]): MappedDestinations {
  return mapDestinations(maps, 'a.example', uris.map(destinationOf));
}

function urisOf({ destinations }: MappedDestinations): string[] {
  return destinations.map(({ uri }) => uri);
}

describe('mapDestinations', () => {
  it('changes nothing without maps', () => {
    expect(mapped(mapsOf({}), MAIL, WEB)).toMatchObject({ destinations: [{ uri: MAIL }, { uri: WEB }], steps: [] });
  });

  it('lets the first entry that matches decide', () => {
    const maps = mapsOf({ record: ['b.example DISCARD', 'a.example ACCEPT', '. DISCARD'] });
    expect(urisOf(mapped(maps, MAIL))).toEqual([MAIL]);
  });

  it('changes nothing where no entry matches', () => {
    const result = mapped(mapsOf({ record: ['b.example DISCARD'] }), MAIL);
    expect(urisOf(result)).toEqual([MAIL]);
    expect(result.steps).toMatchObject([{ map: 'record', name: 'a.example', entry: undefined }]);
  });

  it('shows the whole record to the record map, then each address to its own map', () => {
    const maps = mapsOf({
      record: ['a.example APPEND mailto:tls@other.example directory:/r'],
      mail: ['mail.example REPLACE mailto:new@mail.example', '. DISCARD'],
      https: ['web.example APPEND https://copy.example/r'],
    });
    const result = mapped(maps, MAIL, WEB);
    expect(urisOf(result)).toEqual(['mailto:new@mail.example', WEB, 'https://copy.example/r', 'directory:/r']);
    expect(result.steps.map(({ map, name, before }) => [map, name, before.length])).toEqual([
      ['record', 'a.example', 2],
      ['mail', 'mail.example', 1],
      ['https', 'web.example', 1],
      ['mail', 'other.example', 1],
    ]);
  });

  it('does not look up once more what a map gave', () => {
    const maps = mapsOf({ mail: ['mail.example REPLACE mailto:tls@b.example', 'b.example DISCARD'] });
    expect(urisOf(mapped(maps, MAIL))).toEqual(['mailto:tls@b.example']);
  });

  it('finds destinations for a record that has none', () => {
    const maps = mapsOf({ record: ['a.example REPLACE mailto:tls@b.example'] });
    expect(urisOf(mapped(maps))).toEqual(['mailto:tls@b.example']);
    expect(urisOf(mapped(mapsOf({ record: ['a.example APPEND directory:/r'] })))).toEqual(['directory:/r']);
  });

  it('sends one copy to what several entries give, however they spell it', () => {
    const maps = mapsOf({ record: ['a.example APPEND mailto:tls@MAIL.example'], https: [`. REPLACE ${MAIL}`] });
    expect(urisOf(mapped(maps, MAIL, WEB))).toEqual([MAIL]);
  });

  it('matches the host of an endpoint without port, dot and upper case', () => {
    const maps = mapsOf({ https: ['web.example DISCARD'] });
    expect(urisOf(mapped(maps, 'https://WEB.example.:8443/r'))).toEqual([]);
  });

  it.each([
    [{ mail: [String.raw`regexp:.*@mail\.example DISCARD`] }, [WEB]],
    [{ mail: [String.raw`regexp:mail\.example DISCARD`] }, [MAIL, WEB]],
    [{ https: ['regexp:https://web DISCARD'] }, [MAIL]],
    [{ https: ['regexp:.*/r$ DISCARD'] }, [MAIL]],
    [{ record: [String.raw`regexp:a\.example$ DISCARD`] }, []],
    [{ record: ['regexp:mailto: DISCARD'] }, [MAIL, WEB]],
  ])('holds an expression against the policy domain, or against a whole address: %j', (lines, expected) => {
    expect(urisOf(mapped(mapsOf(lines), MAIL, WEB))).toEqual(expected);
  });

  it('shows a mailbox to an expression without the header fields that a record wants in the mail', () => {
    const maps = mapsOf({ mail: [String.raw`regexp:.*@mail\.example$ DISCARD`] });
    expect(urisOf(mapped(maps, `${MAIL}?subject=reports`, WEB))).toEqual([WEB]);
  });

  it('leaves out what a pattern made unusable, and names it', () => {
    const maps = mapsOf({ mail: ['. REGEXP mailto: ftp:'] });
    const result = mapped(maps, MAIL);
    expect(urisOf(result)).toEqual([]);
    expect(result.steps[0]?.unusable).toMatchObject([
      { uri: 'ftp:tls@mail.example', why: 'its scheme is neither mailto nor https' },
    ]);
  });

  it('does not let a stranger lead a pattern out of its directory', () => {
    const maps = mapsOf({
      mail: [String.raw`. REGEXP mailto:(.*)@.* directory:/reports/\1`],
      https: [String.raw`. REGEXP https://[^/]*/(.*) directory:/reports/\1`],
    });
    const strangers = [
      'mailto:%22/../../etc%22@mail.example',
      'https://web.example/../../etc',
      'mailto:ok@mail.example',
    ];
    const result = mapped(maps, ...strangers);
    expect(urisOf(result)).toEqual(['directory:/reports/ok']);
    expect(result.steps.flatMap(({ unusable }) => unusable).map(({ uri }) => uri)).toEqual([
      'directory:/reports/%22/../../etc%22',
      'directory:/reports/../../etc',
    ]);
  });

  it('rewrites each address of a record on its own', () => {
    const maps = mapsOf({ record: [String.raw`. REGEXP ^mailto:(.*)$ https://gw.example/\1`] });
    const result = mapped(maps, 'mailto:a@x.example', WEB, 'mailto:b@y.example');
    expect(urisOf(result)).toEqual(['https://gw.example/a@x.example', WEB, 'https://gw.example/b@y.example']);
  });

  it('rewrites all addresses that a record can have, however long', () => {
    const many = Array.from({ length: 50 }, (_, index) => `https://web.example/${String(index)}${'x'.repeat(1_000)}`);
    const result = mapped(mapsOf({ record: ['. REGEXP web gw'] }), ...many);
    expect(urisOf(result)).toEqual(many.map((uri) => uri.replace('web', 'gw')));
  });
});
