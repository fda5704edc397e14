import { describe, expect, it } from 'vitest';
import { hidesWhatFollows } from '#adapters/mail/editing/html-end.ts';

describe('HTML', () => {
  it.each([
    '<p>open <!-- comment',
    '<p>looks closed <!--!>',
    '<p>an open tag <a href="x',
    "<p>an open value <a title = '>",
    '<p>no value <a ="><!-- ">',
    '<p><script>let a = 1;',
    '<p><SCRIPT>a</scripted>',
    '<script><!-- <script></script>',
    '<style>p { color: red }',
    '<title>a</p>',
    '<textarea><!-- --></textare',
    '<plaintext>x</plaintext>',
    '<template><p>x</p>',
    '<svg><![CDATA[ > ',
    '<p>half an end </p',
    '<? x',
    '</',
  ])('hides what follows it when it ends in %s', (html) => {
    expect(hidesWhatFollows(html)).toBe(true);
  });

  it.each([
    '',
    'no HTML at all, 1 < 2',
    '<p>x</p></body></html>',
    '<!doctype html><!-- a --><!----><!--> <!---> <!-- b --!><p>x',
    '<a title="<!--" href=\'<script>\' x=<!-- y>z',
    '<p>a quote that is none <a b"c><a ="><p>',
    '<script>if (1 < 2) x = "</p>";</script ><style>a > b {}</STYLE>x',
    '<template>x</template><details><p>x</details>',
    '<p>a sign at the end <',
  ])('shows what follows it when it ends in %s', (html) => {
    expect(hidesWhatFollows(html)).toBe(false);
  });

  it.each(['<', '<!---->', '<a x="y">', '<title></title>', '</>', '<svg></svg>', '<a =>', '<!x>'])(
    'is looked through in one pass when it has 200,000 of %s',
    (piece) => {
      expect(hidesWhatFollows(piece.repeat(200_000))).toBe(false);
    },
  );
});
