import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BEGINNING_BYTES, mailGroups, numberWindows } from '#adapters/imap/mail-groups.ts';
import type { ListedMail } from '#adapters/imap/mail-groups.ts';

const mail = (sizeBytes: number): ListedMail => ({ uid: 1, isSeen: false, sizeBytes });

describe('Mails that are asked for together', () => {
  it('are few when they are large, and fifty when they are small', () => {
    const counts = (sizeBytes: number): number[] =>
      [...mailGroups(Array<ListedMail>(120).fill(mail(sizeBytes)))].map((group) => group.length);
    expect(counts(1)).toEqual([50, 50, 20]);
    expect(counts(2_147_483_648)).toEqual(Array(30).fill(4));
  });

  it('are all mails in their order, and never much at once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat().map(mail)), (mails) => {
        const groups = [...mailGroups(mails)];
        expect(groups.flat()).toEqual(mails);
        const bytes = (group: readonly ListedMail[]): number =>
          group.reduce((sum, { sizeBytes }) => sum + Math.min(sizeBytes, BEGINNING_BYTES), 0);
        expect(groups.every((group) => bytes(group) <= 1_048_576)).toBe(true);
      }),
    );
  });

  it('have numbers that fit into a line', () => {
    const uids = Array.from({ length: 1_201 }, (_, index) => 4_294_966_000 + index);
    const windows = [...numberWindows(uids)];
    expect(windows.flat()).toEqual(uids);
    expect(Math.max(...windows.map((window) => window.join(',').length))).toBeLessThan(8_000);
  });
});
