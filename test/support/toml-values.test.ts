import { expect, it } from 'vitest';
import { tomlValues } from '#support/toml-values.ts';

it.each([
  ['# a = 1\n\n[report]\n#contact = "x"\n[send]\n', {}],
  ['', {}],
  [
    'a = 1\n[report]\ncontact = "x"\nsources = ["y"]\nday = 2026-11-20',
    ['a', 'report.contact', 'report.sources', 'report.day'],
  ],
  ['report.contact = "x"\n[a.b]\nc = false', ['report.contact', 'a.b.c']],
])('The values of %j are known by table and name', (content, names) => {
  expect([...(tomlValues(content)?.keys() ?? [])]).toEqual(Object.values(names));
});

it('What is no TOML has no values that could be told', () => {
  expect(tomlValues('a = ')).toBeUndefined();
});
