import { CodeBlock } from '../ui/code-block';
import { C, H, List, P } from './prose';

const CORRECT = `curl -sS ORIGIN/v1/corrections \\
  -H "Authorization: Bearer $OUTLAY_ADMIN_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"corrections": [{
    "original_id": "01983f4e-7a1b-7c3d-8e4f-1234567890ab",
    "revision": 0,
    "set": {"customer_id": "acme"},
    "reason": "Deployed without the customer tag"
  }]}'`;

export function CorrectionsGuide() {
  return (
    <>
      <P>
        The ledger is append-only: no row is ever changed or deleted, and the database itself refuses it. A correction adds a pair of rows: a reversal that takes the old state back, and a restatement with the
        right one. Sums are right at any moment, and the drawer of each row shows its whole history.
      </P>
      <CodeBlock code={CORRECT.replaceAll('ORIGIN', window.location.origin)} language="shell" title="Terminal" />
      <List>
        <li>
          <C>original_id</C> is always the first row&apos;s id, <C>revision</C> the one you saw: 0 for a row that was never corrected.
        </li>
        <li>
          If somebody corrected it meanwhile, you get <C>conflict</C>. Read it again and decide anew.
        </li>
        <li>
          <C>set</C> changes labels, model, usage, status, or an outcome and its units. <C>null</C> clears a label. Identity, time, run and environment stay as they happened.
        </li>
        <li>
          <C>{'"reprice": true'}</C> prices the call again by today&apos;s price book, for one that was unpriced.
        </li>
        <li>
          <C>reason</C> is kept in the audit log.
        </li>
      </List>
      <H>Who may</H>
      <P>
        An API key with the ability <C>admin</C>, which owners and admins grant.
      </P>
    </>
  );
}
