import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NODE_VERSIONS, whyUnsuitable } from '#support/node-version.ts';
import { preload } from './preload.ts';
import { runTlsrpt } from './run-tlsrpt.ts';

describe('A version of Node.js', () => {
  it.each(['20.19.0', '20.20.2', '22.2.0', '22.22.1', '23.0.0', '24.1.0'])('%s has what is needed', (version) => {
    expect(whyUnsuitable(version)).toBeUndefined();
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.0.0', '22.1.0', 'odd'])(
    '%s lacks something, and it is said',
    (version) => {
      expect(whyUnsuitable(version)).toContain(`Node.js ${version} lacks`);
    },
  );

  it('is promised to those who install it as it is checked', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ engines: { node: NODE_VERSIONS } });
  });

  it('that is unsuitable ends the executable with 69 before anything is done, and names those that are suitable', async () => {
    const environment = preload('node-21.cjs');
    expect(await runTlsrpt(['status', '--state-dir', '/nonexistent'], { environment })).toMatchObject({
      exitCode: 69,
      stdout: '',
      stderr: expect.stringMatching(/^\S+Z error node-unsuitable: Node\.js 21\.7\.3 .*22\.2/) as string,
    });
    expect(await runTlsrpt(['--version'], { environment })).toMatchObject({ exitCode: 0 });
    const { stderr } = await runTlsrpt(['status', '--log-format', 'json'], { environment });
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', event: 'node-unsuitable' });
  });
});
