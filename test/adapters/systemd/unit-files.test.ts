import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isActive } from '#adapters/systemd/systemctl.ts';
import { isMountSound, readUnitFile, writeDropIn, writeUnit } from '#adapters/systemd/unit-files.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

describe('A file of systemd', () => {
  it('changes a unit, which is started anew together with its service', () => {
    const host = new PostfixHost();
    const directory = join(scratchDirectory(), 'tlsrpt.socket.d');
    const path = join(directory, 'postfix.conf');
    expect(readUnitFile(path)).toBeNull();
    writeDropIn(path, 'tlsrpt.socket', '[Socket]\n');
    expect(readFileSync(path, 'utf8')).toBe('[Socket]\n');
    writeDropIn(path, 'tlsrpt.socket', null);
    expect(existsSync(directory)).toBe(false);
    const calls = ['daemon-reload', 'try-restart tlsrpt.socket tlsrpt.service'];
    expect(host.systemctlCalls()).toEqual([...calls, ...calls]);
  });

  it('that moves a socket leaves none behind under the old name', async () => {
    const host = new PostfixHost();
    const directory = scratchDirectory();
    const path = join(directory, 'old.sock');
    execFileSync('python3', ['-c', 'import socket, sys; socket.socket(1, 2).bind(sys.argv[1])', path]);
    const unit = (listen: string): string[] => ['LoadState=loaded', 'SocketMode=0660', `Listen=${listen} (Datagram)`];
    host.set('unit-tlsrpt.socket', unit(path));
    host.set('unit-tlsrpt.socket.restarted', unit(`${path}.new`));
    writeDropIn(join(directory, 'tlsrpt.socket.d/postfix.conf'), 'tlsrpt.socket', '[Socket]\n');
    expect(existsSync(path)).toBe(false);
  });

  it('is a unit, which runs from then on, and is stopped before it goes', () => {
    const host = new PostfixHost();
    const path = join(scratchDirectory(), 'x.mount');
    writeUnit(path, 'x.mount', '[Mount]\n');
    expect([readUnitFile(path), isActive('x.mount')]).toEqual(['[Mount]\n', true]);
    writeUnit(path, 'x.mount', null);
    expect(readUnitFile(path)).toBeNull();
    expect(host.systemctlCalls()).toEqual([
      'daemon-reload',
      'enable x.mount',
      'restart x.mount',
      'disable --now x.mount',
      'daemon-reload',
    ]);
    host.set('inactive', []);
    expect(isActive('x.mount')).toBe(false);
  });

  it('is a mount, which is sound while it shows the directory that has the name now', () => {
    const directory = scratchDirectory();
    const [what, where, path] = [join(directory, 'what'), join(directory, 'where'), join(directory, 'x.mount')];
    writeFileSync(path, `[Mount]\nWhat=${what}\nWhere=${where}\n`);
    mkdirSync(what);
    symlinkSync(what, where); // it takes root to mount
    expect(isMountSound(path)).toBe(true);
    rmSync(where);
    mkdirSync(where);
    expect(isMountSound(path)).toBe(false);
  });

  it('says what systemctl says when that fails', () => {
    new PostfixHost();
    expect(() => {
      writeUnit(join(scratchDirectory(), 'broken.mount'), 'broken.mount', '[Mount]\n');
    }).toThrow(
      expect.objectContaining({
        code: 'system-command-failed',
        message: expect.stringContaining('enable broken.mount failed: Failed to start broken.mount') as string,
      }),
    );
  });
});
