// The style of the check of a site, put in place when it comes.

const siteCheckSheet = new CSSStyleSheet();
siteCheckSheet.replaceSync(`
.look { margin-bottom: 24px; }
.look .ask { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.look input { flex: 1 1 240px; min-width: 0; min-height: 40px; padding: 0 12px; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); color: var(--text); }
.look .ask .outline { min-height: 40px; }
.look ul { list-style: none; margin-top: 12px; border-top: 1px solid var(--line); }
.look li { padding: 8px 0; border-bottom: 1px solid var(--line); }
.look li b { display: block; padding-left: 20px; font-weight: 600; }
.look li i { float: left; margin-left: -20px; font-style: normal; color: var(--good); }
.look [data-ok='false'] i { color: var(--bad); }
.look li p { margin-left: 20px; color: var(--soft); }
.look .notice, .look ul + p { margin-top: 12px; }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, siteCheckSheet];
