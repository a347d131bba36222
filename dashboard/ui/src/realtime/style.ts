// The style of the last half hour, put in place when it comes.

const realtimeSheet = new CSSStyleSheet();
realtimeSheet.replaceSync(`
.half-hour { padding: 12px 16px 16px; }
.half-hour > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 24px; margin-bottom: 8px; }
.half-hour > header b { font-size: 22px; font-weight: 600; letter-spacing: -.02em; }
.half-hour > header p span, .half-hour .since { color: var(--soft); }
.half-hour > header .since { margin-right: auto; }
.dot-key { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 2px; }
.dot-key.visitors { background: var(--accent); }
.dot-key.views { background: var(--bar); box-shadow: inset 0 0 0 1px var(--bar-end); }
.bars { position: relative; display: flex; align-items: stretch; gap: 3px; height: 100%; padding: 16px 0 28px; }
.bars::after { content: ''; position: absolute; left: 0; right: 0; bottom: 27px; border-bottom: 1px solid var(--edge); }
.minute { position: relative; flex: 1; min-width: 0; border-radius: 2px 2px 0 0; }
.minute:hover { background: var(--hover); }
.minute i { position: absolute; left: 0; right: 0; bottom: 0; border-radius: 2px 2px 0 0; }
.minute .views { background: var(--bar); box-shadow: inset 0 0 0 1px var(--bar-end); }
.minute .visitors { background: var(--accent); left: 20%; right: 20%; }
.minute.under-way i { opacity: .55; }
.minute span { position: absolute; top: calc(100% + 6px); left: 50%; transform: translateX(-50%); color: var(--soft); font-size: 12px; white-space: nowrap; }
.minute:last-of-type span { left: auto; right: 0; transform: none; }
.minute:first-of-type span { left: 0; transform: none; }
.bars .most { position: absolute; top: -4px; left: 0; color: var(--soft); font-size: 12px; }
.realtime .panel > .body { height: auto; min-height: 232px; }
.realtime .why { margin: 16px 0; font-size: 13px; }
@media (max-width: 760px) {
  .bars { gap: 2px; }
  .minute:nth-of-type(10n + 6) span { display: none; }
  .realtime .panel > header h2 { display: block; }
  .realtime .panel > .body { height: auto; min-height: 120px; }
}
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, realtimeSheet];
