import { describe, expect, it } from 'vitest';
import { isFileLimit } from '#support/file-limit.ts';

describe('That no more files may be opened', () => {
  it.each([
    Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' }),
    Object.assign(new Error('socket: ENFILE'), { code: 'ENFILE' }),
    Object.assign(new Error('/proc/self/fd/20: cannot open shared object file: Too many open files'), {
      code: 'ERR_DLOPEN_FAILED',
    }),
  ])('is what %s says', (error) => {
    expect(isFileLimit(error)).toBe(true);
  });

  it.each([Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), new TypeError('no function'), undefined])(
    'is not what %s says',
    (error) => {
      expect(isFileLimit(error)).toBe(false);
    },
  );
});
