import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { has } from '#test/support/real-parts.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** In a terminal of its own, of 24 lines, until Ctrl-C. */
const IN_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
seen, told = b'', False
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not told and b'[J' in seen:
        told = os.write(fd, b'\\x03') == 1
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen + b'\\nended with %d' % os.waitstatus_to_exitcode(status))
`;

describe('status --live', () => {
  it('refuses where nobody can look on, and says what to do instead', async () => {
    const { code, stderr } = await run(['status', '--live']);
    expect(code).toBe(64);
    expect(stderr).toContain('--live needs a terminal.');
  });

  it('goes with nothing that is for programs', async () => {
    const { code, stderr } = await run(['status', '--live', '--json']);
    expect(code).toBe(64);
    expect(stderr).toContain('does not go with --live');
  });

  it.runIf(has('python3'))('shows the state in a terminal until Ctrl-C, and gives the screen back', () => {
    const state = scratchDirectory();
    execFileSync('dist/tlsrpt', ['collect', '--stdin', '--state-dir', state], { input: '' });
    const words = ['-c', IN_TERMINAL, 'dist/tlsrpt', 'status', '--live', '--state-dir', state];
    const shown = execFileSync('python3', words, { encoding: 'utf8' });
    expect(shown).toMatch(/^\x1b\[\?1049h/);
    expect(shown).toContain(`state directory  ${state}`);
    expect(shown).toContain('\x1b[?1049l');
    expect(shown).toMatch(/ended with 0$/);
  });
});
