// The style of what lies over the page; it comes with the first such thing.

const overSheet = new CSSStyleSheet();
overSheet.replaceSync(`
dialog { width: min(480px, calc(100vw - 32px)); max-height: calc(100dvh - 64px); padding: 0; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); color: var(--text); box-shadow: var(--shadow); overflow: hidden; }
dialog.wide { width: min(800px, calc(100vw - 32px)); height: calc(100dvh - 96px); max-height: 800px; }
dialog::backdrop { background: rgb(0 0 0 / 40%); }
.dialog { display: flex; flex-direction: column; height: 100%; max-height: inherit; }
.dialog > header { display: flex; align-items: center; gap: 8px; padding: 8px 8px 8px 20px; border-bottom: 1px solid var(--line); }
.dialog > header h2 { flex: 1; }
.seek { display: flex; align-items: center; gap: 12px; padding: 0 20px; min-height: 52px; border-bottom: 1px solid var(--line); color: var(--soft); white-space: nowrap; }
.seek input { border: 0; padding: 0; background: none; min-height: 50px; }
.seek input:focus-visible { outline: none; }
.seek:focus-within { box-shadow: inset 0 -2px 0 var(--accent); }
.list { flex: 1; overflow: auto; min-height: 0; }
.list:focus-visible { outline-offset: -2px; }
.list th, .list td { padding: 0 8px; height: 36px; border-bottom: 1px solid var(--line); font-weight: 400; text-align: left; }
.list tr > :first-child { padding-left: 20px; max-width: 0; width: 55%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.list tr > :last-child { padding-right: 20px; }
.list .n { text-align: right; white-space: nowrap; }
.list thead th { position: sticky; top: 0; background: var(--raised); color: var(--soft); font-size: 12px; z-index: 1; }
.list thead button { display: inline-flex; align-items: center; gap: 2px; padding: 4px 0; border: 0; background: none; }
.list thead .icon { width: 12px; height: 12px; }
.list tbody tr:hover { background: var(--hover); }
.list .chosen th { font-weight: 600; }
.list a { color: inherit; }
.help { display: grid; grid-template-columns: 1fr 1fr; gap: 24px; padding: 16px 20px 24px; overflow: auto; }
.help h3 { margin-bottom: 8px; color: var(--soft); font-weight: 400; font-size: 12px; }
.help dl > div { display: flex; gap: 12px; padding: 3px 0; }
.help dt { min-width: 52px; }
@media (max-width: 760px) {
  .help { grid-template-columns: 1fr; }
  dialog.wide { width: 100vw; max-width: 100vw; height: 100dvh; max-height: 100dvh; border: 0; border-radius: 0; margin: 0; }
  .list tr > :first-child { padding-left: 12px; width: 48%; }
  .list tr > :nth-child(n + 4) { display: none; }
  .list tr > :nth-child(3) { padding-right: 12px; }
  .seek, .dialog > header { padding-left: 12px; }
}
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, overSheet];
