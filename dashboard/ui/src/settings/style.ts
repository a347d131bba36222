// The style of these pages, put in place when they come.

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.settings { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; width: 100%; }
.settings h1 { font-size: 18px; margin-bottom: 4px; }
.settings section { margin-top: 32px; }
.settings h2 { margin-bottom: 4px; }
.settings h3 { margin: 16px 0 8px; }
.settings form { display: grid; grid-template-columns: 1fr 1fr; gap: 0 24px; margin-top: 16px; align-items: start; }
.settings form > .wide, .settings form > p, .settings form > h3 { grid-column: 1 / -1; }
.settings form > .outline, .settings form > .solid { justify-self: start; }
.settings .field :is(select, textarea) { min-height: 40px; width: 100%; padding: 0 12px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); font: inherit; }
.settings .field textarea { padding: 8px 12px; min-height: 72px; }
.settings table { font-size: 13px; min-width: 560px; margin-top: 12px; }
.settings th, .settings td { text-align: left; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); vertical-align: middle; overflow-wrap: anywhere; }
.settings th { color: var(--soft); font-weight: 400; white-space: nowrap; }
.settings td:has(> .end) { text-align: right; padding-right: 0; }
.settings td.when { white-space: nowrap; }
.settings td select { min-height: 32px; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); }
.settings form > .wide-start { align-self: center; margin-top: 8px; }
.settings progress { width: 160px; accent-color: var(--accent); vertical-align: middle; }
.settings .scroll { overflow-x: auto; position: relative; }
.settings .once { border: 1px solid var(--accent); border-radius: 8px; padding: 12px 16px; margin-top: 16px; background: var(--surface); }
.settings .qr { background: #fff; border-radius: 8px; padding: 12px; width: 200px; height: 200px; }
.settings .qr path { fill: #000; }
.settings .offer { display: flex; flex-wrap: wrap; gap: 16px 24px; align-items: center; margin-bottom: 16px; }
.settings .offer > div { flex: 1; min-width: 240px; }
.settings .codes { columns: 2; font-family: ui-monospace, Menlo, Consolas, monospace; margin: 8px 0 12px; max-width: 440px; }
.settings .in-line { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin-top: 12px; }
.settings .end { min-height: 28px; padding: 0 8px; font-size: 12px; }
@media (max-width: 720px) { .settings form { grid-template-columns: minmax(0, 1fr); } .settings .codes { columns: 1; } }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

export {};
