// Who has which role on the site, and who is invited.

import { useSignal } from '@preact/signals';
import type { Site } from '../contract';
import { Field } from '../field';
import { ROLES, sharing, type Role } from './contract';
import { Choice, dayOf, Once, Section, useLoaded } from './parts';
import { w } from './words';
import { here } from '../url';

const roleOptions = () => ROLES.map((role) => [role, w(`role.${role}`)] as const);

export function People({ site }: { site: Site }) {
  const { value, said, act } = useLoaded(() => sharing.people(site.id));
  const made = useSignal<{ email: string; token: string } | null>(null);
  const email = useSignal('');
  const role = useSignal<Role>('viewer');
  async function invite(event: Event) {
    event.preventDefault();
    await act(async () => {
      made.value = await sharing.invite(site.id, email.value.trim(), role.value);
      email.value = '';
    });
  }
  return (
    <Section title={w('people')} why={w('people.why')} said={said}>
      <div class="scroll" tabIndex={0}>
        <table>
          <thead><tr><th scope="col">{w('email')}</th><th scope="col">{w('role')}</th><th scope="col">{w('two_step')}</th><th scope="col"><span class="unseen">{w('remove')}</span></th></tr></thead>
          <tbody>
            {value?.members.map((member) => (
              <tr key={member.user_id} data-member={member.email}>
                <td>{member.email}</td>
                <td>{member.is_admin ? w('people.admin') : (
                  <select aria-label={`${w('role')}: ${member.email}`} value={member.role} onChange={(event) => void act(() => sharing.setRole(site.id, member.user_id, event.currentTarget.value as Role), w('saved'))}>
                    {roleOptions().map(([one, words]) => <option key={one} value={one}>{words}</option>)}
                  </select>
                )}</td>
                <td class="soft">{w(member.two_step ? 'people.two_step' : 'people.password_only')}</td>
                <td>{!member.is_admin && <button type="button" class="outline end" onClick={() => void act(() => sharing.remove(site.id, member.user_id))}>{w('remove')}</button>}</td>
              </tr>
            ))}
            {value?.invitations.map((invitation) => (
              <tr key={`i${invitation.id}`} data-invitation={invitation.email}>
                <td>{invitation.email}</td><td>{w(`role.${invitation.role}`)}</td><td class="soft">{w('invited', { day: dayOf(invitation.expires_at) })}</td>
                <td><button type="button" class="outline end" onClick={() => void act(() => sharing.endInvitation(site.id, invitation.id))}>{w('end')}</button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {made.value && <Once title={w('invite.link', { email: made.value.email })} text={`${here()}/invitation#${made.value.token}`} />}
      <form onSubmit={invite}>
        <Field label={w('email')} name="email" type="email" value={email} why={w('invite.why')} />
        <Choice label={w('role')} name="role" value={role} options={roleOptions()} />
        <button type="submit" class="outline">{w('invite')}</button>
      </form>
    </Section>
  );
}
