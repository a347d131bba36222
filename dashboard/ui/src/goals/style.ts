// The style of goals and funnels, put in place when they come.

const goalsSheet = new CSSStyleSheet();
goalsSheet.replaceSync(`
.declared { max-width: 880px; margin: 0 auto; padding: 24px 16px 48px; width: 100%; }
.declared h1 { font-size: 18px; }
.declared > section { margin-top: 32px; }
.declared > section > header { display: flex; align-items: center; justify-content: space-between; gap: 12px; margin-bottom: 8px; }
.declared ul { list-style: none; padding: 0; margin: 0; border-top: 1px solid var(--line); }
.declared li.one { display: flex; align-items: center; gap: 12px; min-height: 48px; padding: 8px 0; border-bottom: 1px solid var(--line); }
.declared li.one > div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.declared li.one b { display: block; }
.goal-form { display: grid; gap: 16px; padding: 16px; }
.goal-form label, .goal-form fieldset { display: grid; gap: 4px; border: 0; padding: 0; margin: 0; font-weight: 600; }
.goal-form legend { padding: 0; }
.goal-form :is(input, select) { min-height: 36px; min-width: 0; width: 100%; padding: 0 8px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); font-size: 14px; font-weight: 400; }
.goal-form p { font-weight: 400; font-size: 13px; margin: 0; }
.goal-form .solid { justify-self: start; }
.goal-form .quiet { font-weight: 400; }
.rule { display: grid; gap: 8px; justify-items: start; }
.rule > * { max-width: 100%; }
.rule .what { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 8px; width: 100%; }
.rule .prop { display: grid; grid-template-columns: 2fr minmax(110px, 1fr) 3fr auto; gap: 8px; align-items: center; width: 100%; }
.worth { display: grid; grid-template-columns: 2fr 1fr; gap: 4px 8px; }
.worth p { grid-column: 1 / -1; }
.goal-form .count { min-height: 20px; font-size: 14px; }
.steps { display: grid; gap: 12px; padding: 0; margin: 0; list-style: none; counter-reset: step; }
.steps li { position: relative; counter-increment: step; padding-left: 28px; }
.steps li::before { content: counter(step); position: absolute; left: 4px; top: 8px; color: var(--soft); }
.steps .tools { display: flex; gap: 8px; align-items: center; margin-top: 4px; }
.steps .tools select { width: auto; min-height: 28px; font-size: 12px; color: var(--soft); }
.funnels { display: grid; gap: 24px; }
.funnels h3 { display: flex; justify-content: space-between; gap: 12px; padding: 0 8px; font-size: 14px; }
.funnels h3 .soft { font-weight: 400; font-size: 12px; }
.funnels ol { list-style: none; padding: 0; margin: 4px 0 0; }
.funnels .soft { font-size: 12px; padding: 0 8px; }
@media (max-width: 720px) {
  .rule .what, .rule .prop { grid-template-columns: minmax(0, 1fr); }
  .declared li.one { flex-wrap: wrap; }
}
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, goalsSheet];
