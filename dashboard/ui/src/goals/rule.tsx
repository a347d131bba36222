// A rule: how it is told in a line, and the fields that make it.

import type { PropertyRule, PropertyTest, Rule } from './contract';
import { PROPERTY_TESTS, PROPS_MAX } from './contract';
import { w } from './words';

export const EMPTY_RULE: Rule = { what: { page: '' }, props: [] };

export const textOf = (rule: Rule): string => ('page' in rule.what ? rule.what.page : rule.what.event);

/** "order, plan is pro": short enough for a row. */
export function told(rule: Rule): string {
  return [textOf(rule), ...rule.props.map((prop) => `${prop.name} ${w(prop.op)} ${prop.values.join(', ')}`)].join(' · ');
}

/** Whether the server could count it: nothing that must be filled in is empty. */
export const isWhole = (rule: Rule) => textOf(rule).trim() !== '' && rule.props.every((prop) => prop.name.trim() !== '' && prop.values.some((value) => value.trim() !== ''));

interface Props {
  rule: Rule;
  change: (rule: Rule) => void;
  /** Says which step of a funnel this is. */
  label?: string;
}

export function RuleFields({ rule, change, label }: Props) {
  const isPage = 'page' in rule.what;
  const text = textOf(rule);
  const put = (at: number, prop: PropertyRule | null) => change({ ...rule, props: rule.props.flatMap((old, i) => (i !== at ? [old] : prop ? [prop] : [])) });
  const named = label ? `${label}: ` : '';
  return (
    <div class="rule">
      <div class="what">
        <select aria-label={named + w('what')} value={isPage ? 'page' : 'event'} onChange={(e) => change({ ...rule, what: e.currentTarget.value === 'page' ? { page: text } : { event: text } })}>
          <option value="page">{w('page')}</option>
          <option value="event">{w('event')}</option>
        </select>
        <input aria-label={named + w(isPage ? 'page.label' : 'event.label')} required placeholder={isPage ? '/thanks' : 'order'} value={text} spellcheck={false} autocapitalize="none" autocomplete="off"
          onInput={(e) => change({ ...rule, what: isPage ? { page: e.currentTarget.value } : { event: e.currentTarget.value } })} />
      </div>
      {!label && <p class="soft">{w(isPage ? 'page.why' : 'event.why')}</p>}
      {rule.props.map((prop, i) => (
        <div key={i} class="prop">
          <input aria-label={w('prop.name')} placeholder={w('prop.name')} value={prop.name} onInput={(e) => put(i, { ...prop, name: e.currentTarget.value })} />
          <select aria-label={w('props')} value={prop.op} onChange={(e) => put(i, { ...prop, op: e.currentTarget.value as PropertyTest })}>
            {PROPERTY_TESTS.map((op) => <option key={op} value={op}>{w(op)}</option>)}
          </select>
          <input aria-label={w('prop.values')} placeholder={w('prop.values')} value={prop.values.join(',')} onInput={(e) => put(i, { ...prop, values: e.currentTarget.value.split(',') })} />
          <button type="button" class="quiet small" aria-label={`${w('remove')}: ${prop.name}`} onClick={() => put(i, null)}>{w('remove')}</button>
        </div>
      ))}
      {rule.props.length < PROPS_MAX && <button type="button" class="quiet small" onClick={() => change({ ...rule, props: [...rule.props, { name: '', op: 'is', values: [''] }] })}>{w('prop.add')}</button>}
    </div>
  );
}
