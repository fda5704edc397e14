import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

function foreignFile(content: string): string {
  const path = join(scratchDirectory(), 'reportd.cfg');
  writeFileSync(path, content);
  return path;
}

describe('tlsrpt import-config', () => {
  it('prints a configuration with which our commands start', async () => {
    const path = foreignFile('[tlsrpt_reportd]\norganization_name = Example\nkeep_days = 10\n');
    const { code, stdout, stderr } = await run(['import-config', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`# Made from ${path}.\n\nkeep_days = 10\n\n[report]\norganization = "Example"\n`);
    expect(await run(['status'], { configuration: stdout })).toMatchObject({ code: 0, stderr: '' });
  });

  it('needs a file', async () => {
    expect(await run(['import-config'])).toMatchObject({ code: 64, stdout: '' });
  });

  it.each([
    ['stray', ':1: it is neither [section] nor name = value'],
    ['[tlsrpt_reportd', ':1: it is neither [section] nor name = value'],
    ['[mysqld]\n', ': it has none of the sections [tlsrpt_collectd]'],
  ])('ends with 65 when it cannot read %j', async (content, why) => {
    const path = foreignFile(content);
    const { code, stdout, stderr } = await run(['import-config', path]);
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' });
    expect(stderr).toContain(`error foreign-configuration-unreadable: ${path}${why}`);
  });

  it('ends with 65 when there is no such file', async () => {
    const { code, stderr } = await run(['import-config', '/nonexistent.cfg']);
    expect(code).toBe(65);
    expect(stderr).toContain('/nonexistent.cfg cannot be read: ENOENT');
  });

  it('prints nothing that moves a cursor', async () => {
    const path = foreignFile('[tlsrpt_reportd]\norganization_name = a\u202eb\u001b[2J\nhttp_script = \u202ex\n');
    expect((await run(['import-config', path])).stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
  });
});
