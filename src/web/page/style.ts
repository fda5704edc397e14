/**
 * The one stylesheet of the pages. Colours have a contrast of 4.5 to 1 and more with what is behind them (WCAG 2.2, 1.4.3 and 1.4.11), light and dark.
 */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1c2126; --soft: #4d565f; --line: #c5ccd3; --box: #f3f5f7; --link: #0b57a4;
  --bad: #b3261e; --good: #1a6b34; --s0: #1f5fa8; --s1: #b3261e; --s2: #8a5a00; --s3: #6b3fa0; --s4: #00695c; --s5: #5f6368; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #e7eaed; --soft: #b3bbc3; --line: #454d55; --box: #1e2327; --link: #8ec2ff;
  --bad: #ff9a91; --good: #7fd49a; --s0: #7fb2f0; --s1: #ff8a80; --s2: #f0c060; --s3: #c9a6ff; --s4: #5fd0c0; --s5: #b0b6bc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 0 1rem 2rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .5rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; border-bottom: 1px solid var(--line); padding: .75rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; } nav a[aria-current] { font-weight: 700; text-decoration-thickness: 3px; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
input, select, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--soft); border-radius: 4px; padding: .3rem .5rem;
  max-width: 100%; min-height: 2.25rem; }
button { background: var(--box); cursor: pointer; } ::placeholder { color: var(--soft); opacity: 1; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.25rem 0 .5rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .5rem 0; max-width: 70ch; } .soft { color: var(--soft); }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; margin: 1rem 0; }
.facts div { background: var(--box); border-radius: 6px; padding: .6rem .9rem; min-width: 8.5rem; }
.facts dt { color: var(--soft); font-size: .9rem; } .facts dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; } caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; padding-right: 1.5rem; }
details { margin: .5rem 0; } summary { cursor: pointer; padding: .25rem 0; }
pre, code { font-family: ui-monospace, monospace; font-size: .9rem; } pre { white-space: pre-wrap; background: var(--box); padding: .75rem; border-radius: 6px; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; }
.plot { display: grid; grid-template-columns: auto 1fr; gap: .25rem .5rem; font-size: .85rem; color: var(--soft); }
.plot svg { width: 100%; height: 11rem; display: block; border-bottom: 1px solid var(--soft); }
.scale { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-variant-numeric: tabular-nums; }
.ends { grid-column: 2; display: flex; justify-content: space-between; }
.grid { stroke: var(--line); stroke-width: 1; vector-effect: non-scaling-stroke; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .5rem 0; font-size: .9rem; }
.legend svg { width: .8rem; height: .8rem; margin-right: .4rem; vertical-align: -.05rem; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); } .s4 { fill: var(--s4); } .s5 { fill: var(--s5); }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; }
@media (max-width: 40rem) {
  .facts { display: grid; grid-template-columns: 1fr 1fr; } .facts div { min-width: 0; }
  table.rows, .rows caption, .rows tbody, .rows tr, .rows td, .rows th[scope=row] { display: block; width: 100%; } .rows thead { position: absolute; left: -100rem; }
  .rows tr { border-bottom: 2px solid var(--line); padding: .4rem 0; } .rows td, .rows th[scope=row] { border: 0; padding: .1rem 0; text-align: left; }
  .rows td::before { content: attr(data-name) ": "; color: var(--soft); } }
`;
