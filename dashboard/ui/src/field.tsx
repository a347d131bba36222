// One labelled field of a form, with what it wants and what is wrong with it.

import { useSignal, type Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { t } from './i18n';

interface Props {
  label: string;
  value: Signal<string>;
  type?: 'text' | 'email' | 'password';
  name: string;
  autocomplete?: string;
  why?: string;
  wrong?: string | null;
  placeholder?: string;
  focus?: boolean;
  optional?: boolean;
}

export function Field({ label, value, type = 'text', name, autocomplete = 'off', why, wrong, placeholder, focus = false, optional = false }: Props) {
  const id = useId();
  const shown = useSignal(false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="input">
        <input id={id} name={name} type={(type === 'password' && shown.value ? 'text' : type) as 'text'} value={value.value} autocomplete={autocomplete as AutoFill}
          {...(placeholder ? { placeholder } : {})} required={!optional} autofocus={focus} spellcheck={false} autocapitalize="none"
          aria-invalid={wrong ? true : undefined} aria-describedby={why || wrong ? `${id}-why` : undefined}
          onInput={(event) => { value.value = event.currentTarget.value; }} />
        {type === 'password' && (
          <button type="button" class="quiet small" aria-pressed={shown.value} onClick={() => { shown.value = !shown.value; }}
            aria-label={t(shown.value ? 'sign_in.hide' : 'sign_in.show')} title={t(shown.value ? 'sign_in.hide' : 'sign_in.show')}>{t(shown.value ? 'hide' : 'show')}</button>
        )}
      </div>
      {(why || wrong) && <p id={`${id}-why`} class={wrong ? 'bad' : 'soft'} role={wrong ? 'alert' : undefined}>{wrong ?? why}</p>}
    </div>
  );
}
