import { describe, expect, it } from 'vitest';
import { DomainBudgets } from '#store/tally/domain-budgets.ts';

const LIMITS = { policiesOfDomain: 2, domainBytes: 100, crowdedDomainBytes: 10, crowdedDayBytes: 150 };

describe('The budgets of domains', () => {
  it('are for each domain alone', () => {
    const budgets = new DomainBudgets(LIMITS);
    budgets.addPolicy('a.example', 10);
    budgets.addPolicy('a.example', 10);
    expect(budgets.allowsPolicy('a.example', 1)).toBe(false);
    expect(budgets.allowsFailure('a.example', 80)).toBe(true);
    expect(budgets.allowsFailure('a.example', 81)).toBe(false);
    expect(budgets.allowsPolicy('b.example', 100)).toBe(true);
    expect(budgets.dayBytes).toBe(20);
  });

  it('are smaller once the day is crowded', () => {
    const budgets = new DomainBudgets(LIMITS);
    budgets.addFailure('a.example', 100);
    expect(budgets.allowsPolicy('b.example', 50)).toBe(true);
    budgets.addPolicy('b.example', 50);
    expect([budgets.allowsPolicy('c.example', 10), budgets.allowsPolicy('c.example', 11)]).toEqual([true, false]);
    expect(budgets.allowsFailure('b.example', 1)).toBe(false);
  });
});
