import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceFolder } from '#store/fetched/source-folder.ts';

describe('sourceFolder', () => {
  it.each([
    ['mx1.example', /^mx1\.example$/],
    ['/srv/mx1', /^srv_mx1-[0-9a-f]{12}$/],
    ['sftp://tlsrpt@mx1.example:2222/var/lib/tlsrpt', /^sftp_tlsrpt@mx1\.example_2222_var_lib_tlsrpt-[0-9a-f]{12}$/],
    ['..', /^source-[0-9a-f]{12}$/],
    ['', /^source-[0-9a-f]{12}$/],
    ['.hidden', /^hidden-[0-9a-f]{12}$/],
    ['-rf', /^rf-[0-9a-f]{12}$/],
    ['x'.repeat(300), /^x{80}-[0-9a-f]{12}$/],
    ['mx1-0123456789ab', /^mx1-0123456789ab-[0-9a-f]{12}$/], // it could be another one's, with its hash
  ])('of %j is readable', (name, folder) => {
    expect(sourceFolder(name)).toMatch(folder);
  });

  it('is always a safe name of a visible folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(sourceFolder(name)).toMatch(/^[A-Za-z0-9@][A-Za-z0-9._@-]{0,99}$/);
      }),
    );
  });

  it('is another one for another source', () => {
    expect(new Set(['/a/b', '/a_b', 'a/b', 'a_b', '/a/b/'].map(sourceFolder)).size).toBe(5);
  });
});
