import { describe, expect, it } from 'vitest';
import { DomainBudgets } from '#store/tally/domain-budgets.ts';

const LIMITS = {
  policiesOfDomain: 2,
  crowdedPoliciesOfDomain: 1,
  crowdedPolicies: 5,
  failuresOfDomain: 4,
  crowdedFailuresOfDomain: 1,
  crowdedFailures: 6,
  detailedFailures: 8,
  domainBytes: 100,
  crowdedDomainBytes: 10,
  crowdedDayBytes: 150,
  dayBytes: 10_000,
};

describe('The budgets of domains', () => {
  it('are for each domain alone', () => {
    const budgets = new DomainBudgets(LIMITS);
    const [a, b] = [budgets.numberOf('a.example'), budgets.numberOf('b.example')];
    budgets.addPolicy(a, 10);
    budgets.addPolicy(a, 10);
    expect(budgets.allowsPolicy(a, 1)).toBe(false);
    expect(budgets.allowsFailure(a, 80)).toBe(true);
    expect(budgets.allowsFailure(a, 81)).toBe(false);
    expect(budgets.allowsPolicy(b, 100)).toBe(true);
    expect(budgets.dayBytes).toBe(20);
  });

  it('have room for fewer policies once the day has many', () => {
    const budgets = new DomainBudgets({ ...LIMITS, domainBytes: 1_000, crowdedDayBytes: 1_000 });
    const [a, b, c] = ['a.example', 'b.example', 'c.example'].map((domain) => budgets.numberOf(domain));
    for (const domain of [a, a, b, b]) budgets.addPolicy(domain ?? 0, 1);
    budgets.addPolicy(c ?? 0, 1);
    expect(budgets.allowsPolicy(c ?? 0, 1)).toBe(false);
    expect(budgets.allowsPolicy(budgets.numberOf('d.example'), 1)).toBe(true);
  });

  it('are smaller once the day is crowded', () => {
    const budgets = new DomainBudgets(LIMITS);
    const a = budgets.numberOf('a.example');
    const b = budgets.numberOf('b.example');
    const c = budgets.numberOf('c.example');
    budgets.addFailure(a, 100);
    expect(budgets.allowsPolicy(b, 50)).toBe(true);
    budgets.addPolicy(b, 50);
    expect([budgets.allowsPolicy(c, 10), budgets.allowsPolicy(c, 11)]).toEqual([true, false]);
    expect(budgets.allowsFailure(b, 1)).toBe(false);
  });

  it('have room for fewer failures once the day has many, and for none in the end', () => {
    const budgets = new DomainBudgets({ ...LIMITS, domainBytes: 1_000, crowdedDayBytes: 1_000 });
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((domain) => budgets.numberOf(domain));
    for (const domain of [a, a, a, a]) budgets.addFailure(domain ?? 0, 1);
    expect([a, b].map((domain) => budgets.allowsFailure(domain ?? 0, 1))).toEqual([false, true]);
    for (const domain of [b, b, c]) budgets.addFailure(domain ?? 0, 1);
    expect([b, c, d].map((domain) => budgets.allowsFailure(domain ?? 0, 1))).toEqual([false, false, true]);
    budgets.addFailure(d ?? 0, 1);
    expect(budgets.allowsFailure(budgets.numberOf('e'), 1)).toBe(false);
    expect(budgets.allowsPolicy(budgets.numberOf('e'), 1)).toBe(true);
  });

  it('end where that of the day does', () => {
    const budgets = new DomainBudgets({ ...LIMITS, dayBytes: 120 });
    budgets.addFailure(budgets.numberOf('a.example'), 80);
    const b = budgets.numberOf('b.example');
    expect([budgets.allowsFailure(b, 40), budgets.allowsFailure(b, 41), budgets.allowsPolicy(b, 41)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('know a domain again', () => {
    const budgets = new DomainBudgets(LIMITS);
    const numbers = ['a.example', 'b.example', 'a.example'].map((domain) => budgets.numberOf(domain));
    expect(new Set(numbers).size).toBe(2);
    expect(numbers[2]).toBe(numbers[0]);
  });
});
