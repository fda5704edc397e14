import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { readTomlValue, withTomlValue } from '#support/edit-toml.ts';

const KEY = 'collect.socket';
const FILE = `# ours
state_dir = "/var/lib/tlsrpt"

[collect] # how it is received
# socket = "commented out"
socket_group = "postfix"

[report]
organization = "Example" # socket = "not here"
`;

describe('withTomlValue', () => {
  it('puts a value into the table that is there, and leaves everything else', () => {
    expect(withTomlValue(FILE, KEY, '/run/x.sock')).toBe(
      FILE.replace('# how it is received\n', '# how it is received\nsocket = "/run/x.sock"\n'),
    );
  });

  it('changes a value', () => {
    expect(withTomlValue(FILE, 'collect.socket_group', 'mail')).toBe(FILE.replace('"postfix"', '"mail"'));
  });

  it.each(['', 'keep_days = 3\n', 'keep_days = 3', FILE.replace(/\[collect\][^]*?(?=\[report\])/, '')])(
    'adds the table, and takes it away again: %j',
    (content) => {
      const edited = withTomlValue(content, KEY, 'a"b\\c') ?? '';
      expect(parse(edited)).toMatchObject({ collect: { socket: 'a"b\\c' } });
      const expected = content === '' || content.endsWith('\n') ? content : `${content}\n`;
      expect(withTomlValue(edited, KEY, null)).toBe(expected);
    },
  );

  it('leaves an empty table that was there', () => {
    const edited = withTomlValue('[collect]\n', KEY, 'x') ?? '';
    expect(withTomlValue(edited, KEY, null)).toBe('[collect]\n');
  });

  it.each([
    'collect.socket = "x"\n',
    'collect = { socket_group = "x" }\n',
    '["collect"]\nsocket = "x"\n',
    '[[collect]]\n',
    'x =',
  ])('refuses a file that is written in another way: %j', (content) => {
    expect(withTomlValue(content, KEY, 'y')).toBeUndefined();
  });

  it('changes nothing but the value, whatever the text, or refuses', () => {
    const lines = fc.constantFrom(
      '[collect]',
      '[report]',
      'socket = "x"',
      '"""',
      "'''",
      '# x',
      'a = """',
      'b = 1',
      '',
      'c = [',
      ']',
    );
    fc.assert(
      fc.property(fc.array(lines), fc.option(fc.string()), (chosen, value) => {
        const content = chosen.join('\n');
        const edited = withTomlValue(content, KEY, value);
        if (edited === undefined) return;
        expect(readTomlValue(edited, KEY)).toBe(value);
        expect(readTomlValue(edited, 'collect.b')).toBe(readTomlValue(content, 'collect.b'));
      }),
    );
  });
});

describe('readTomlValue', () => {
  it.each([
    [FILE, 'postfix'],
    ['[collect]\nsocket_group = 5', '5'],
    ['', null],
    ['collect = 3', null],
    ['=', undefined],
  ])('reads what is there: %j', (content, expected) => {
    expect(readTomlValue(content, 'collect.socket_group')).toBe(expected);
  });
});
