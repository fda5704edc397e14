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
    '<ruby><rp>x',
    '<marquee height=0>x',
    '<progress>x',
    '<frameset><frame>',
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
    '<script>if (1 < 2) x = "</p>";</script >x',
    '<p class=style>the style of hidden things<a href=/style/hidden.css>x</a>',
    '<template>x</template><details><p>x</details>',
    '<p>a sign at the end <',
  ])('shows what follows it when it ends in %s', (html) => {
    expect(hidesWhatFollows(html)).toBe(false);
  });

  it.each([
    '<style>pre{display:none}</style>',
    '<head><link rel=stylesheet href=data:text/css,pre%7bdisplay:none%7d></head>',
    '<div style="display:none">',
    '<div\nSTYLE = "font-size:0">x</div>',
    '<div title="x"style="opacity:0">',
    '<div/style=display:none>',
    '<body hidden>',
    '<div hidden=until-found>',
    '<div popover>',
  ])('may hide what follows it by %s', (html) => {
    expect(hidesWhatFollows(`${html}<p>x`)).toBe(true);
  });

  it.each([
    '<',
    '<!---->',
    '<a style',
    '<p style  >',
    '<a x="y">',
    '<title></title>',
    '</>',
    '<svg></svg>',
    '<a =>',
    '<!x>',
  ])('is looked through in one pass when it has 200,000 of %s', (piece) => {
    expect(hidesWhatFollows(piece.repeat(200_000))).toBe(piece === '<a style');
  });
});
