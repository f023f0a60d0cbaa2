import { C, H, List, P } from './prose';
import { Sample } from './sample';
import correct from './samples/correct.txt?raw';
import doctor from './samples/doctor.txt?raw';
import replay from './samples/replay.txt?raw';

export function CorrectionsGuide() {
  return (
    <>
      <P>
        The ledger is append-only: no row is ever changed or deleted, and the database itself refuses it. A correction adds a pair of rows: a reversal that takes the old state back, and a restatement with the
        right one. Sums are right at any moment, and the drawer of each row shows its whole history.
      </P>
      <P>
        In the console, open a row of the ledger and choose Correct: customer, user, workflow, feature, and the outcome of a run. Who may is told by the guide on roles. Everything else is corrected through the API:
      </P>
      <Sample text={correct} language="shell" title="Terminal" />
      <List>
        <li>
          <C>original_id</C> is always the first row&apos;s id, <C>revision</C> the one you saw: 0 for a row that was never corrected.
        </li>
        <li>
          If somebody corrected it meanwhile, you get <C>conflict</C> with the revision that holds now. Read it again and decide anew.
        </li>
        <li>
          <C>set</C> changes labels, model, usage, status, or an outcome and its units. <C>null</C> clears a label. Identity, time, run and environment stay as they happened.
        </li>
        <li>
          <C>{'"reprice": true'}</C> prices the call again by today&apos;s price book, for one that was unpriced.
        </li>
        <li>
          <C>reason</C> is kept in the audit log, with what it was before and after.
        </li>
      </List>
      <P>
        It needs an API key with the ability <C>admin</C>, which owners and admins grant.
      </P>
      <H>Replay</H>
      <P>
        Every export names its cut: a final, exact set of rows. The answer&apos;s header <C>x-outlay-cut</C> says which; asked for the same cut again, the ledger gives the same bytes, whatever was recorded or corrected
        since. Each line carries the raw usage and the price version, which is all that its cost was made of.
      </P>
      <Sample text={replay} language="shell" title="Terminal" />
      <H>Proof</H>
      <P>
        <C>outlay doctor --ledger</C> derives every cost again from its raw usage and price version, and every sum from its rows, on live data. It names the first row that does not fit.
      </P>
      <Sample text={doctor} language="shell" title="Terminal" />
    </>
  );
}
