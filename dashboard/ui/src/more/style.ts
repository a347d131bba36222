// The style of what stands below the first panels, put in place when it comes.

const moreSheet = new CSSStyleSheet();
moreSheet.replaceSync(`
.body.dim { opacity: .5; }
.keep { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-left: auto; color: var(--soft); font-size: 12px; }
.keep input, .choice select { min-height: 32px; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); }
.keep input { width: 120px; }
.choice { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 24px; padding: 0 8px 8px; }
.choice select { max-width: 260px; margin-left: 4px; }
.path .what { display: block; }
.path .what i { font-style: normal; color: var(--soft); }
.path .arrow { color: var(--soft); }
.paths .undecided { padding: 8px; font-size: 12px; }
.properties .all, .paths .all { padding: 4px 8px; }
.panel .empty p + p { margin-top: 12px; }
.actions .row .n, .actions .columns .n { width: 96px; min-width: 0; }
.vitals { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 8px; margin-bottom: 8px; }
.vital { display: grid; gap: 2px; min-width: 0; padding: 4px 8px 8px; }
.vital abbr { color: var(--soft); font-size: 12px; text-decoration: none; cursor: help; }
.vital b { font-size: 18px; font-weight: 600; white-space: nowrap; }
.verdict-of { min-height: 18px; font-size: 12px; white-space: nowrap; }
.split { display: flex; gap: 1px; height: 6px; border-radius: 3px; overflow: hidden; background: var(--line); }
.split i.good, .split i.middling, .split i.poor { flex-basis: 0; }
.split .good { background: var(--good); }
.split .middling { background: var(--middling); }
.split .poor { background: var(--bad); }
.rated.good i, .verdict-of.good { color: var(--good); }
.rated.middling i, .verdict-of.middling { color: var(--middling); }
.rated.poor i, .verdict-of.poor { color: var(--bad); }
.rated i, .verdict-of i { font-style: normal; font-size: 10px; }
.row .rated, .columns .rated-of { position: relative; width: 76px; min-width: 0; margin-left: 0; text-align: right; white-space: nowrap; }
.columns .rated-of:first-of-type, .columns span:first-child + .rated-of { margin-left: auto; }
.list .rated { white-space: nowrap; }
:root { --middling: #8a5a00; }
:root[data-theme='dark'] { --middling: #e3a73f; }
@media (prefers-color-scheme: dark) { :root:not([data-theme]) { --middling: #e3a73f; } }
@media print { .panel:has(.bone) { display: none; } }
@media (max-width: 760px) {
  .keep { margin-left: 0; }
  .row.path { height: auto; min-height: 36px; padding: 6px 8px; }
  .path .what { white-space: normal; overflow-wrap: anywhere; }
  .path .extra, .paths .columns .extra { display: none; }
  .vitals { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .panel.speed > .body { height: auto; min-height: 368px; }
  .row .rated, .columns .rated-of { width: 66px; }
  .actions .row .n, .actions .columns .n { width: 84px; }
}
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, moreSheet];
