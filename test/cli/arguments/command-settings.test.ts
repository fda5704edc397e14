import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationFile } from '#cli/arguments/command-settings.ts';
import { GivenFlags } from '#cli/command.ts';
import { actingAs } from '#support/become-user.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** A number that no user has. */
const OTHER = 54_321;

function read(path: string): unknown {
  return configurationFile(new GivenFlags({ config: path }), {});
}

/** As somebody whom the mode of a file keeps away. */
function readWithoutRights(path: string): unknown {
  return process.getuid?.() === 0 ? actingAs(OTHER, OTHER, () => read(path)) : read(path);
}

describe('configurationFile', () => {
  it('that may not be read is a matter of its rights', () => {
    const path = join(scratchDirectory(), 'tlsrpt.toml');
    writeFileSync(path, '', { mode: 0 });
    expect(() => readWithoutRights(path)).toThrow(
      expect.objectContaining({
        code: 'configuration-error',
        message: expect.stringMatching(
          /cannot be read: EACCES.* Let user \S+ read it, who this process acts as/,
        ) as string,
      }),
    );
  });

  it('that is not there is a matter of its path', () => {
    expect(() => read(join(scratchDirectory(), 'none'))).toThrow(/ENOENT.* Check the path .*--config/);
  });
});
