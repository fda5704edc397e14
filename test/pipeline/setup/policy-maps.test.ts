import { describe, expect, it } from 'vitest';
import { advisePolicyMaps } from '#pipeline/setup/policy-maps.ts';
import type { PolicyMapAdvice } from '#pipeline/setup/policy-maps.ts';
import { makeInstance } from '#test/support/found-host.ts';

const TCP = 'socketmap:inet:127.0.0.1:8642';
const UNIX = 'socketmap:unix:/run/postfix-tlspol/tlspol.sock';
const UNIX_FROM_ROOT = 'socketmap:unix:/var/spool/postfix/run/postfix-tlspol/tlspol.sock';

function advise(maps: string, answering: readonly string[] = [], telling: readonly string[] = []): PolicyMapAdvice {
  const instance = makeInstance({ set: maps === '' ? {} : { smtp_tls_policy_maps: maps } });
  return advisePolicyMaps(instance, {
    answers: (map) => answering.includes(map),
    zoneTells: (zone) => telling.includes(zone),
  });
}

describe('advisePolicyMaps', () => {
  it.each([
    [`${TCP}:QUERY`, `${TCP}:QUERYwithTLSRPT`],
    [`${TCP}:query`, `${TCP}:QUERYwithTLSRPT`],
    [`${UNIX}:QUERY`, `${UNIX}:QUERYwithTLSRPT`],
    [`proxy:${TCP}:QUERY`, `proxy:${TCP}:QUERYwithTLSRPT`],
    [`${TCP}:QUERY, hash:/etc/postfix/tls`, `${TCP}:QUERYwithTLSRPT, hash:/etc/postfix/tls`],
    [`hash:$config_directory/tls {${TCP}:QUERY}`, `hash:$config_directory/tls {${TCP}:QUERYwithTLSRPT}`],
  ])('lets postfix-tlspol tell of policies: %s', (maps, expected) => {
    expect(advise(maps, [`${TCP}:QUERYwithTLSRPT`, `${UNIX_FROM_ROOT}:QUERYwithTLSRPT`]).value).toBe(expected);
  });

  it('does not ask postfix-tlspol what it does not know: mail would be deferred', () => {
    const { value, notes } = advise(`${TCP}:QUERY`);
    expect(value).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/QUERYwithTLSRPT is not answered.*1\.8\.22/)]);
  });

  it('asks where a chrooted smtp(8) asks, and names that place', () => {
    const { value, notes } = advise(`${UNIX}:QUERY`, [`${UNIX}:QUERYwithTLSRPT`]);
    expect(value).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining(`and ${UNIX_FROM_ROOT}:QUERYwithTLSRPT is not answered`)]);
  });

  it('asks by the name that a service has for it which goes by its own word in master.cf', () => {
    const [smtp] = makeInstance().clients;
    if (!smtp) throw new Error('no smtp(8)');
    const own = { service: 'open/unix', isChrooted: false, overrides: { smtp_tls_policy_maps: `${UNIX}:QUERY` } };
    const asked: string[] = [];
    const answers = (map: string): boolean => asked.push(map) > 0;
    const instance = { ...makeInstance({ set: { smtp_tls_policy_maps: `${UNIX}:QUERY` } }), clients: [smtp, own] };
    advisePolicyMaps(instance, { answers, zoneTells: () => false });
    expect(asked).toEqual([`${UNIX_FROM_ROOT}:QUERYwithTLSRPT`, `${UNIX}:QUERYwithTLSRPT`]);
  });

  it.each(['', `${TCP}:QUERYwithTLSRPT`, `${TCP}:querywithtlsrpt`])('has nothing to say of %j', (maps) => {
    expect(advise(maps)).toEqual({ value: undefined, notes: [] });
  });

  it('names the setting of postfix-mta-sts-resolver', () => {
    const { value, notes } = advise('socketmap:inet:127.0.0.1:8461:postfix');
    expect(value).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/8461:postfix.*"tlsrpt: true"/)]);
  });

  it('has nothing to say of postfix-mta-sts-resolver where that tells of policies', () => {
    const maps = 'socketmap:inet:127.0.0.1:8461:postfix, socketmap:inet:127.0.0.1:8461:strict';
    expect(advise(maps, [], ['postfix', 'strict']).notes).toEqual([]);
    expect(advise(maps, [], ['postfix']).notes).toEqual([expect.stringMatching(/8461:strict/)]);
  });

  it.each(['hash:/etc/postfix/tls', 'lmdb:/x', 'inline:{ a=b }', 'proxy:mysql:/x', `${TCP}:QUERYwithTLSRPT cdb:/x`])(
    'says what an entry of a table needs: %s',
    (maps) => {
      expect(advise(maps).notes).toEqual([expect.stringMatching(/has a table.*policy_type=sts/)]);
    },
  );

  it('says what to write where maps are named by a parameter of the administrator', () => {
    const instance = makeInstance({ set: { smtp_tls_policy_maps: '$ours' } });
    const parameters = { ...instance.parameters, smtp_tls_policy_maps: `${TCP}:QUERY, ${TCP}:other` };
    const { value, notes } = advisePolicyMaps(
      { ...instance, parameters },
      { answers: () => true, zoneTells: () => false },
    );
    expect(value).toBeUndefined();
    expect(notes).toEqual([
      expect.stringMatching(/smtp_tls_policy_maps = \$ours asks .*:QUERY, .*write .*QUERYwithTLSRPT yourself/),
      expect.stringMatching(/8642:other/),
    ]);
  });

  it('says nothing twice where only a part of the maps is named so', () => {
    const maps = `${TCP}:other $ours`;
    const instance = makeInstance({ set: { smtp_tls_policy_maps: maps } });
    const parameters = { ...instance.parameters, smtp_tls_policy_maps: `${TCP}:other hash:/x` };
    const plugins = { answers: () => true, zoneTells: () => false };
    expect(advisePolicyMaps({ ...instance, parameters }, plugins).notes).toEqual([
      expect.stringMatching(/8642:other/),
      expect.stringMatching(/has a table/),
    ]);
  });

  it('looks at what master.cf sets for a service', () => {
    const instance = makeInstance();
    const clients = [
      { service: 'dane/unix', isChrooted: true, overrides: { smtp_tls_policy_maps: `${TCP}:QUERY` } },
      { service: 'smtp/unix', isChrooted: true, overrides: {} },
    ];
    const { notes } = advisePolicyMaps({ ...instance, clients }, { answers: () => true, zoneTells: () => false });
    expect(notes).toEqual([
      expect.stringMatching(/for dane\/unix in master\.cf asks .*write .*QUERYwithTLSRPT yourself/),
    ]);
  });
});
