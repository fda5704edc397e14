import { describe, expect, it } from 'vitest';
import { webhookForm } from '#cli/output/webhook-form.ts';
import type { Notice } from '#store/notices.ts';

const HOOK = new URL('https://chat.example/hooks/secret');

function notice(subject: string, text = subject): Notice {
  return { id: 'n1', madeMs: 0, subject, text, facts: { kind: 'test' } };
}

function posted(form: Parameters<typeof webhookForm>[0], given: Notice, url = HOOK): Record<string, unknown> {
  return JSON.parse(webhookForm(form, url).bodyOf(given)) as Record<string, unknown>;
}

const HOSTILE = '<!channel> @all *bold* `code` ```\n[x](https://evil.example) &lt; <https://evil.example|click>';

describe('What is posted to a webhook', () => {
  it('is our JSON by default', () => {
    expect(posted('json', notice('s', 't'))).toMatchObject({ id: 'n1', subject: 's', text: 't', kind: 'test' });
    expect(webhookForm('json', HOOK).url.href).toBe(HOOK.href);
  });

  it('has no markup for Slack: plain text in blocks, and three characters escaped in what notifications show', () => {
    const body = posted('slack', notice(HOSTILE));
    expect(body['text']).toBe(HOSTILE.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    expect(body['mrkdwn']).toBe(false);
    const blocks = body['blocks'] as { text: { type: string; text: string } }[];
    expect(blocks.every(({ text }) => text.type === 'plain_text')).toBe(true);
    expect(blocks[1]?.text.text).toBe(HOSTILE);
  });

  it('is within what Slack takes, with whole lines', () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `line ${String(index)}`).join('\n');
    const blocks = posted('slack', notice('x'.repeat(400), lines))['blocks'] as { text: { text: string } }[];
    const [header, ...sections] = blocks.map(({ text }) => text.text);
    expect([header?.length, sections.length]).toEqual([150, 10]);
    expect(sections.every((section) => section.length <= 3_000 && /^line \d+\n/.test(section))).toBe(true);
    expect(posted('slack', notice('s', ''))['blocks']).toHaveLength(1);
  });

  it('is code for Mattermost, which nothing in it ends', () => {
    const { text } = posted('mattermost', notice('subject', HOSTILE)) as { text: string };
    expect(text.startsWith('```text\nsubject\n\n')).toBe(true);
    expect(text.endsWith('\n```')).toBe(true);
    expect(text.slice(3, -3)).not.toContain('`');
    expect((posted('mattermost', notice('s', 'x'.repeat(50_000)))['text'] as string).length).toBeLessThan(16_383);
  });

  it('goes to the root of the server for ntfy, with the topic and a message within its bytes', () => {
    const url = new URL('https://ntfy.example/prefix/our_topic?auth=x');
    expect(webhookForm('ntfy', url).url.href).toBe('https://ntfy.example/prefix/?auth=x');
    expect(posted('ntfy', notice('title', HOSTILE), url)).toEqual({
      topic: 'our_topic',
      title: 'title',
      message: HOSTILE,
    });
    const { message } = posted('ntfy', notice('t', '\u{1f600}'.repeat(5_000)), url) as { message: string };
    expect(Buffer.byteLength(message)).toBeLessThan(4_096);
    expect(message).toMatch(/^(?:\u{1f600})+\.\.\.$/u);
  });

  it.each(['https://ntfy.example/', 'https://ntfy.example', 'https://ntfy.example/a%20b'])(
    'refuses %s, which has no topic',
    (href) => {
      expect(() => webhookForm('ntfy', new URL(href))).toThrow(RangeError);
    },
  );
});
