import { Check } from 'lucide-react';
import { ROLE_NOTES, ROLES } from '../api/abilities';
import { C, Facts, H, P } from './prose';
import { ROLE_TABLE } from './role-table';

export function RolesGuide() {
  return (
    <>
      <P>A person has one role in each team. A person may be in several teams, and each team&apos;s data is apart.</P>
      <Facts rows={Object.entries(ROLE_NOTES).map(([role, note]) => [<span key={role} className="capitalize">{role}</span>, note] as const)} />
      <P>The last owner can neither leave nor lose the role: make another owner first.</P>
      <div tabIndex={0} role="region" aria-label="What each role may do" className="scroll-thin relative overflow-x-auto rounded-md border border-line">
        <table className="w-full text-sm">
          <caption className="sr-only">What each role may do</caption>
          <thead>
            <tr className="border-b border-line bg-surface-2 text-xs text-ink-3">
              <th scope="col" className="px-4 py-2 text-left font-medium">May</th>
              {ROLES.map((role) => (
                <th key={role} scope="col" className="px-2 py-2 text-center font-medium capitalize">{role}</th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {ROLE_TABLE.map(({ may, roles }) => (
              <tr key={may}>
                <th scope="row" className="min-w-52 px-4 py-2 text-left font-normal text-ink-2">{may}</th>
                {ROLES.map((role) => (
                  <td key={role} className="px-2 py-2 text-center">
                    {roles.includes(role) ? (
                      <>
                        <Check className="mx-auto size-4 text-positive" aria-hidden />
                        <span className="sr-only">yes</span>
                      </>
                    ) : (
                      <span className="text-ink-3" aria-label="no">–</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <H>API keys</H>
      <P>
        Keys belong to the team, not to who made them, and to one environment. An event that names another environment is rejected as <C>environment_mismatch</C>, and a key with <C>read</C> sees its own environment only.
      </P>
      <Facts
        rows={[
          [<C key="i">ingest</C>, 'Record usage. All that your product needs.'],
          [<C key="g">gate</C>, 'Ask whether a run may begin.'],
          [<C key="r">read</C>, 'Read and export the ledger.'],
          [<C key="a">admin</C>, 'Write corrections, and everything above. Granted by owners and admins.'],
        ]}
      />
      <P>A secret is shown once and stored only as a hash. A revoked key is refused within a second, and never later than five seconds after. Wrong keys and wrong passwords are rate-limited.</P>
    </>
  );
}
