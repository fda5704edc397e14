/**
 * The executable under a Node.js of another version.
 */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';

const PRELOAD = join(dirname(fileURLToPath(import.meta.url)), '../support/other-node.cjs');

function versionUnder(node: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const words = ['--require', PRELOAD, EXECUTABLE, '--version'];
    execFile(process.execPath, words, { env: { TLSRPT_TEST_NODE: node } }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe('the executable', () => {
  it.each(['18.20.4', '20.18.3', '8.0.0'])('says in one line what it needs under Node.js %s', async (node) => {
    const said = `tlsrpt needs Node.js 20.19 or later; ${process.execPath} is ${node}. Install a newer one, or begin with its path: /path/to/node ${EXECUTABLE}\n`;
    expect(await versionUnder(node)).toEqual({ code: 69, stdout: '', stderr: said });
  });

  it.each(['20.19.0', '22.0.0', '24.1.0'])('runs under Node.js %s', async (node) => {
    expect(await versionUnder(node)).toMatchObject({ code: 0, stderr: '' });
  });
});
