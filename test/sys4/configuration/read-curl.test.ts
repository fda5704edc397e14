import { describe, expect, it } from 'vitest';
import { readCurl, readCurlProxy } from '#sys4/configuration/read-curl.ts';

function optionsOf(words: string): Readonly<Record<string, string>> | undefined {
  const options = readCurl(words.split(' '));
  return options && Object.fromEntries(options);
}

describe('readCurl', () => {
  it.each([
    ['-sSx http://p:1 -k', { silent: '', 'show-error': '', proxy: 'http://p:1', insecure: '' }],
    ['-sxhttp://p:1', { silent: '', proxy: 'http://p:1' }],
    ['--proxy http://p:1 --data-binary @-', { proxy: 'http://p:1', 'data-binary': '@-' }],
    ['--proxy=http://p:1', { proxy: 'http://p:1' }],
    ['-U a:b', { 'proxy-user': 'a:b' }],
    ['-x', { proxy: '' }],
  ])('reads %s', (words, options) => {
    expect(optionsOf(words)).toEqual(options);
  });

  it.each([
    'https://sink.example/',
    '-K file',
    '-',
    '--',
    '-sK file',
    '--connect-to a:1:b:2',
    '-u a:b',
    '--silent=x',
    '-é',
  ])('does not know %s', (words) => {
    expect(optionsOf(words)).toBeUndefined();
  });
});

describe('readCurlProxy', () => {
  it.each([
    ['http://p.example:3128', undefined, { url: 'http://p.example:3128' }],
    ['p.example', undefined, { url: 'http://p.example:1080' }],
    ['http://[2001:db8::1]', undefined, { url: 'http://[2001:db8::1]:1080' }],
    ['http://p.example:3128/', undefined, { url: 'http://p.example:3128/' }],
    ['http://me:p%40ss@p:1', undefined, { url: 'http://p:1', user: 'me', password: 'p@ss' }],
    ['me:a@b@p:1', undefined, { url: 'http://p:1', user: 'me', password: 'a@b' }],
    ['me:100%@p:1', undefined, { url: 'http://p:1', user: 'me', password: '100%' }],
    ['http://me:old@p:1', 'you:n%41w:x', { url: 'http://p:1', user: 'you', password: 'n%41w:x' }],
    ['http://me@p:1', undefined, { url: 'http://p:1', user: 'me', password: '' }],
    ['socks5://p', undefined, { url: 'socks5://p:1080' }],
  ])('reads %s with %s as curl does', (proxy, login, expected) => {
    expect(readCurlProxy(proxy, login)).toEqual(expected);
  });
});
