import { describe, expect, it } from 'vitest';
import { writeMap } from '#test/support/maps.ts';
import { run } from '#test/support/run-program.ts';

const RECORD = 'v=TLSRPTv1; rua=mailto:tls@a.example,https://a.example/r,ftp://a.example/';

describe('tlsrpt maptest', () => {
  it('shows step by step what the maps make of a record', async () => {
    const record = writeMap('# ours', 'a.example APPEND directory:/r');
    const https = writeMap('. DISCARD');
    const mail = writeMap('b.example DISCARD');
    const maps = ['--record-map', record, '--https-map', https, '--mail-map', mail];
    const { code, stdout, stderr } = await run(['maptest', 'A.example.', RECORD, ...maps]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`record: mailto:tls@a.example, https://a.example/r
  leaves out ftp://a.example/: its scheme is neither mailto nor https
record map, a.example: ${record}:2: a.example APPEND directory:/r
  gives mailto:tls@a.example, https://a.example/r, directory:/r
mail map, a.example: no entry matches
  gives mailto:tls@a.example
https map, a.example: ${https}:1: . DISCARD
  gives nobody
reports on a.example go to:
  mailto:tls@a.example
  directory:/r
`);
  });

  it('prints the same as JSON', async () => {
    const map = writeMap('. REGEXP mailto: ftp:');
    const { stdout } = await run(['maptest', 'a.example', RECORD, '--mail-map', map, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      policyDomain: 'a.example',
      record: {
        addresses: ['mailto:tls@a.example', 'https://a.example/r'],
        unusable: [{ uri: 'ftp://a.example/', why: 'its scheme is neither mailto nor https' }],
        problem: null,
      },
      steps: [
        {
          map: 'mail',
          name: 'a.example',
          entry: { where: `${map}:1`, text: '. REGEXP mailto: ftp:' },
          before: ['mailto:tls@a.example'],
          after: [],
          unusable: [{ uri: 'ftp:tls@a.example', why: 'its scheme is neither mailto nor https' }],
        },
      ],
      destinations: ['https://a.example/r'],
    });
  });

  it.each(['', 'v=spf1 -all'])('shows what a map makes of a record that cannot be used: %j', async (record) => {
    const map = writeMap('a.example REPLACE mailto:tls@b.example');
    const { stdout } = await run(['maptest', 'a.example', record, '--record-map', map]);
    expect(stdout).toContain('record: nobody\n  cannot be used: it does not begin with "v=TLSRPTv1;"\n');
    expect(stdout).toMatch(/reports on a\.example go to:\n {2}mailto:tls@b\.example\n$/);
  });

  it.each([[[]], [['--json']]])('ends with 65 for a record that is none, and says so: %j', async (words) => {
    const { code, stdout } = await run(['maptest', 'a.example', 'garbage', ...words]);
    expect(code).toBe(65);
    expect(stdout).toContain('it does not begin with');
    if (words.length === 0)
      expect(stdout).toMatch(/there are no reports on a\.example, as its record cannot be used\n$/);
  });

  it.each([
    ['EXAMPLE.com. DISCARD', 'v=TLSRPTv1;rua=mailto:a@x.example', []],
    ['.other DISCARD', 'v=TLSRPTv1;rua=HTTPS://x.example/r', ['https://x.example/r']],
    [
      '.other DISCARD',
      'v=TLSRPTv1;rua=mailto:a@x.example, mailto:b@x.example',
      ['mailto:a@x.example', 'mailto:b@x.example'],
    ],
    ['.other DISCARD', 'v=TLSRPTv1;ext=1;rua=mailto:a@x.example', ['mailto:a@x.example']],
    ['.other DISCARD', 'v=TLSRPTv1;rua=mailto:a@x.example!10m,mailto:b@x.example', ['mailto:b@x.example']],
    ['.other DISCARD', 'v=TLSRPTv1;rua=mailto:a@x.example,mailto:a@x.example', ['mailto:a@x.example']],
    ['.other DISCARD', 'v=TLSRPTv1;rua=directory:/r,mailto:a@x.example', ['mailto:a@x.example']],
  ])('does with %j and %j what the old program did not', async (line, record, destinations) => {
    const { code, stdout } = await run(['maptest', 'example.com', record, '--record-map', writeMap(line), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ destinations });
  });

  it('holds an expression against an address without what follows its question mark', async () => {
    const maps = ['--mail-map', writeMap(String.raw`regexp:.*\?subject DISCARD`)];
    const { stdout } = await run([
      'maptest',
      'a.example',
      'v=TLSRPTv1;rua=mailto:a@x.example?subject=x',
      ...maps,
      '--json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ destinations: ['mailto:a@x.example'] });
  });

  it('says that there are no reports', async () => {
    const map = writeMap('.example DISCARD');
    const { code, stdout } = await run(['maptest', 'a.example', RECORD, '--record-map', map]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/gives nobody\nthere are no reports on a\.example\n$/);
  });

  it('takes the maps of the configuration file', async () => {
    const configuration = `[report]\nrecord_map = ${JSON.stringify(writeMap('. DISCARD'))}\n`;
    const { stdout } = await run(['maptest', 'a.example', RECORD], { configuration });
    expect(stdout).toContain('there are no reports on a.example');
  });

  it('lists at once all that is wrong in any of the maps, and ends with 78', async () => {
    const [record, mail] = [writeMap('x', '', 'y FROB'), writeMap('regexp:( DISCARD')];
    const words = ['--record-map', record, '--mail-map', mail, '--https-map', '/nonexistent'];
    for (const command of [['maptest', 'a.example', RECORD], ['report']]) {
      const { code, stdout, stderr } = await run([...command, ...words, '--log-format', 'json']);
      expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
      expect((JSON.parse(stderr) as { message: string }).message.split('\n  ')).toEqual([
        `${record}:1: there is no action behind the pattern`,
        `${record}:3: FROB is none of the actions ACCEPT, DISCARD, REPLACE, APPEND and REGEXP`,
        `${mail}:1: the expression ( cannot be used: a parenthesis ( is not closed`,
        '/nonexistent: it cannot be read (ENOENT)',
      ]);
    }
  });

  it.each([[[]], [['a.example']], [['a b', RECORD]]])('ends with 64 for %j', async (words) => {
    expect(await run(['maptest', ...words])).toMatchObject({ code: 64, stdout: '' });
  });

  it('prints nothing that moves a cursor', async () => {
    const { stdout } = await run(['maptest', 'a.example', 'v=TLSRPTv1;rua=\u001b[2J\u202e']);
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
  });
});
