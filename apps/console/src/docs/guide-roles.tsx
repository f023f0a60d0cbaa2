import { ROLE_NOTES } from '../api/abilities';
import { C, Facts, H, P } from './prose';

export function RolesGuide() {
  return (
    <>
      <P>A person has one role in each team. A person may be in several teams, and each team&apos;s data is apart.</P>
      <Facts rows={Object.entries(ROLE_NOTES).map(([role, note]) => [<span key={role} className="capitalize">{role}</span>, note] as const)} />
      <P>The last owner can neither leave nor lose the role: make another owner first.</P>
      <H>API keys</H>
      <P>
        Keys belong to the team, not to who made them, and to one environment. An event that names another environment is rejected as <C>environment_mismatch</C>.
      </P>
      <Facts
        rows={[
          [<C key="i">ingest</C>, 'Record usage. All that your product needs.'],
          [<C key="g">gate</C>, 'Ask whether a run may begin.'],
          [<C key="r">read</C>, 'Read and export the ledger.'],
          [<C key="a">admin</C>, 'Write corrections. Granted by owners and admins.'],
        ]}
      />
      <P>A secret is shown once and stored only as a hash. A revoked key is refused within a second.</P>
    </>
  );
}
