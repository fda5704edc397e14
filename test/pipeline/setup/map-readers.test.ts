import { describe, expect, it } from 'vitest';
import { mainReaders, namesFromRoot } from '#pipeline/setup/map-readers.ts';
import { makeInstance } from '#test/support/found-host.ts';

const [CHROOTED, FREE] = [{ isChrooted: true }, { isChrooted: false }];
const QUEUE = '/var/spool/postfix';

describe('namesFromRoot', () => {
  it.each([
    ['socketmap:unix:/run/s:QUERY', [CHROOTED], [`socketmap:unix:${QUEUE}/run/s:QUERY`]],
    ['socketmap:unix:/run/s:QUERY', [FREE], ['socketmap:unix:/run/s:QUERY']],
    [
      'socketmap:unix:/run/s:QUERY',
      [CHROOTED, FREE, FREE],
      [`socketmap:unix:${QUEUE}/run/s:QUERY`, 'socketmap:unix:/run/s:QUERY'],
    ],
    ['socketmap:unix:run/s:QUERY', [CHROOTED, FREE], [`socketmap:unix:${QUEUE}/run/s:QUERY`]],
    ['socketmap:inet:127.0.0.1:8642:QUERY', [CHROOTED, FREE], ['socketmap:inet:127.0.0.1:8642:QUERY']],
  ])('of %s, by which each kind of smtp(8) asks it', (map, readers, expected) => {
    expect(namesFromRoot(map, readers, makeInstance())).toEqual(expected);
  });

  it.each([
    [false, 'socketmap:unix:/run/s:QUERY'],
    [true, `socketmap:unix:${QUEUE}/run/s:QUERY`],
  ])('goes by proxymap(8) for what that asks; chrooted: %s', (isProxymapChrooted, expected) => {
    const instance = { ...makeInstance(), isProxymapChrooted };
    expect(namesFromRoot('proxy:socketmap:unix:/run/s:QUERY', [CHROOTED, FREE], instance)).toEqual([expected]);
  });
});

describe('mainReaders', () => {
  it('leaves out services with their own maps in master.cf, unless all have them', () => {
    const own = { service: 'dane/unix', isChrooted: false, overrides: { smtp_tls_policy_maps: '' } };
    const instance = makeInstance();
    expect(mainReaders({ ...instance, clients: [...instance.clients, own] })).toEqual(instance.clients);
    expect(mainReaders({ ...instance, clients: [own] })).toEqual([own]);
  });
});
