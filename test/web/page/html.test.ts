import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '#web/page/html.ts';

describe('html', () => {
  it('shows what is put into it as text, whatever it is', () => {
    const name = `<script>alert("1")</script>&amp;'\``;
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;amp;&#39;&#96;">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;amp;&#39;&#96;</p>',
    );
  });

  it('takes what it made as it is, alone and in lists, and nothing for undefined and false', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    const list = html`<ul>
      ${items}
    </ul>`;
    expect(html`<p>${list}${undefined}${false}${0}</p>`.toString().replaceAll(/\s+/g, '')).toBe(
      '<p><ul><li>a</li><li>&#60;b&#62;</li></ul>0</p>',
    );
  });

  it('shows nothing that cannot be seen or turns a line around', () => {
    expect(html`${'a\u0000\u001b[2J\u202eb\u2066\ufeff\u2028c\ud800'}`.toString()).toBe('a??[2J?b???c?');
    expect(html`${'Grüße, 例え 📧\n'}`.toString()).toBe('Grüße, 例え 📧\n');
  });

  it('cuts what is very long', () => {
    expect(html`${'x'.repeat(100_000)}`.toString()).toBe(`${'x'.repeat(4_096)}...`);
  });

  it('lets nothing through that a browser would take for markup, whatever is put into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`${text}`.toString()).not.toMatch(/[<>"'`\p{Bidi_Control}\0]/u);
      }),
    );
  });
});
