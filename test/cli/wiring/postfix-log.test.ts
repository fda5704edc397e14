import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findInstances } from '#adapters/postfix/find-instances.ts';
import { postfixLog } from '#cli/wiring/postfix-log.ts';
import { PostfixHost } from '#test/support/postfix-host.ts';

const NOW_MS = Date.parse('2026-01-02T12:00:00Z');
const said = (by: string): string => `2026-01-02T11:00:00Z mx ${by}/smtp[77]: warning: Could not report TLS`;

it('Postfix is heard where each of its instances logs: in a file of its own, in the journal, and in that of syslog where no journal can be read', () => {
  const host = new PostfixHost();
  const [own, ofSyslog] = [join(host.root, 'own.log'), join(host.root, 'mail.log')];
  host.addInstance('postfix-out', { mainCf: [`maillog_file = ${own}`] });
  const { instances } = findInstances();
  const heard = (hasSystemd: boolean): unknown => postfixLog({ instances, hasSystemd }, NOW_MS, ofSyslog);
  expect(heard(true)).toEqual({ complaints: [], unread: { why: `${own} is not a file.`, isElsewhere: true } });
  writeFileSync(own, `${said('postfix-out')}\n`);
  host.set('journal', [said('journal')]);
  expect(heard(true)).toEqual({ complaints: [said('journal'), said('postfix-out')], unread: undefined });
  host.set('journal', []);
  host.set('journal-complaint', ['No journal files were opened due to insufficient permissions.']);
  expect(heard(true)).toMatchObject({ complaints: [said('postfix-out')], unread: { isElsewhere: false } });
  writeFileSync(ofSyslog, `${said('syslog')}\n`);
  for (const hasSystemd of [true, false])
    expect(heard(hasSystemd)).toEqual({ complaints: [said('syslog'), said('postfix-out')], unread: undefined });
});
