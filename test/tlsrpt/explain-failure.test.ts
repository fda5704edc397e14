import { describe, expect, it } from 'vitest';
import { domainToName, explainFailure } from '#tlsrpt/explain-failure.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';

describe('explainFailure', () => {
  it.each(resultTypes)('says what %s means and what to look at, with the name of the domain', (resultType) => {
    const explained = explainFailure({ resultType, policyType: 'sts', domain: 'a.example' });
    const [meaning, check] = explained?.sentences ?? [];
    expect(meaning).toMatch(/^[A-Z].*\.$/s);
    expect(check).toMatch(/^Check .*\.$/s);
    expect([meaning, check, ...(explained?.causes ?? [])].join(' ')).not.toContain('DOMAIN');
    for (const cause of explained?.causes ?? []) expect(cause).toMatch(/^If .+: .+\.$/s);
  });

  it('has nothing to say of a name that the sender made up', () => {
    expect(explainFailure({ resultType: 'sad-server', domain: 'a.example' })).toBeUndefined();
  });
});

describe('domainToName', () => {
  it('names what may stand in a command, and nothing else', () => {
    expect(['a.example', 'a b', '$(id).example', ''].map(domainToName)).toEqual([
      'a.example',
      'DOMAIN',
      'DOMAIN',
      'DOMAIN',
    ]);
  });
});
