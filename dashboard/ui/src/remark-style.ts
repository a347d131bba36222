// The style of segments and annotations, put in place when they come.

const remarkSheet = new CSSStyleSheet();
remarkSheet.replaceSync(`
.segments { border-bottom: 1px solid var(--line); margin-bottom: 4px; padding-bottom: 4px; }
.segments > p { padding: 4px 8px; font-size: 12px; }
.segments .pair { display: flex; align-items: center; }
.segments .pair .item { flex: 1; min-width: 0; }
.segments form { display: grid; gap: 8px; padding: 8px; }
.notes { position: relative; padding: 4px 12px 12px 56px; font-size: 13px; }
.notes .quiet.small { min-height: 28px; }
.notes ul { min-height: 28px; list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; }
.notes li { display: inline-flex; align-items: center; gap: 4px; max-width: 100%; overflow-wrap: anywhere; }
.notes time { color: var(--soft); }
.notes form { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; align-items: center; }
.notes input { min-height: 36px; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); }
.notes input[type=text] { flex: 1 1 200px; min-width: 0; }
.notes .mark { position: absolute; top: -30px; width: 8px; height: 8px; margin-left: -4px; transform: rotate(45deg); background: var(--accent); pointer-events: none; }
.notes .mark.missed { border-radius: 50%; background: var(--surface); border: 2px solid var(--bad); }
.notes .mark-sign { flex: none; width: 8px; height: 8px; border-radius: 50%; border: 2px solid var(--bad); }
@media (max-width: 640px) { .notes { padding-left: 12px; } .notes .mark { display: none; } }
@media print { .notes form, .notes button { display: none; } }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, remarkSheet];
