// The page's own style, put in place when the page comes.

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.metrika { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; width: 100%; }
.metrika section { margin-top: 32px; }
.metrika h1 { margin-bottom: 12px; font-size: 18px; }
.metrika h2 { margin-bottom: 8px; }
.metrika .modes { display: grid; grid-template-columns: repeat(3, 1fr); border: 1px solid var(--edge); border-radius: 8px; overflow: hidden; margin: 0; padding: 0; }
.metrika .modes button { min-height: 44px; border: 0; background: var(--surface); font-weight: 600; }
.metrika .modes button + button { border-left: 1px solid var(--edge); }
.metrika .modes button[aria-pressed='true'] { background: var(--accent); color: var(--on-accent); }
.metrika .modes button:focus-visible { outline-offset: -4px; }
.metrika .state { margin: 12px 0; font-size: 16px; font-weight: 600; }
.metrika .kill { border-color: var(--bad); color: var(--bad); }
.metrika .in-line { margin: 12px 0; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; }
.metrika .two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 24px; }
.metrika .boxes { display: grid; gap: 12px; }
.metrika .box { border: 1px solid var(--line); border-radius: 8px; background: var(--surface); padding: 12px; }
.metrika .goal { display: grid; grid-template-columns: 1.1fr 1.1fr 1.2fr .8fr .7fr 1.4fr auto; gap: 8px; align-items: end; padding: 8px 0; border-bottom: 1px solid var(--line); }
.metrika .goal label, .metrika .pair label { display: grid; gap: 4px; font-size: 12px; color: var(--soft); }
.metrika .goal :is(input, select), .metrika .field :is(select, textarea), .metrika .pair input { min-height: 36px; width: 100%; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); font-size: 14px; }
.metrika .field textarea { padding: 8px; min-height: 88px; }
.metrika .tick { display: flex; align-items: center; gap: 8px; min-height: 36px; font-weight: 600; }
.metrika .tick input { width: 18px; height: 18px; accent-color: var(--accent); }
.metrika pre { overflow-x: auto; margin: 4px 0 0; }
.metrika .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
.metrika details { margin-top: 16px; }
.metrika summary { cursor: pointer; font-weight: 600; min-height: 32px; }
.metrika .what { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 24px; }
.metrika dl { display: grid; grid-template-columns: fit-content(36%) minmax(0, 1fr); gap: 2px 12px; margin: 4px 0 0; }
.metrika dt { color: var(--soft); }
.metrika dd { margin: 0; overflow-wrap: anywhere; }
.metrika dd small { color: var(--soft); }
.metrika table { width: 100%; min-width: 600px; border-collapse: collapse; font-size: 13px; }
.metrika th, .metrika td { text-align: left; padding: 6px 8px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.metrika th { color: var(--soft); font-weight: 400; }
.metrika td.n, .metrika th.n { text-align: right; }
.metrika .once { min-height: 36px; width: 280px; max-width: 100%; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); }
.metrika .scroll { overflow-x: auto; }
.metrika code { font-size: 12px; }
.metrika .good { color: var(--good); }
.metrika ul.plain { list-style: none; padding: 0; display: grid; gap: 8px; }
@media (max-width: 720px) {
  .metrika .two, .metrika .what { grid-template-columns: minmax(0, 1fr); }
  .metrika .goal { grid-template-columns: 1fr 1fr; }
  .metrika .goal button { grid-column: 1 / -1; }
}
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
