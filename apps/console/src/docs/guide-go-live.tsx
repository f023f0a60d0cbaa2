import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import preflight from './samples/preflight.txt?raw';

export function GoLiveGuide() {
  return (
    <>
      <P>One command looks at everything that should be so before your customers&apos; money runs through Outlay, and says of each thing that is not what to do. The page Checklist runs the same checks for owners and admins.</P>
      <Sample text={preflight} language="shell" title="Terminal" />
      <H>What it does</H>
      <List>
        <li>
          It tries the running instance as a client would: about 35 cases over HTTP, with keys of every kind, in two throw-away teams. They are marked as made-up data from their first row and erased when the cases are over, also when
          one failed. What a killed run leaves is taken away by the next one.
        </li>
        <li>
          With <C>--url</C> these cases go through your proxy. That is how you find a proxy that limits bodies, strips <C>Retry-After</C> or rewrites <C>Origin</C>.
        </li>
        <li>It changes nothing in your teams. It sends no letter and no message.</li>
      </List>
      <H>What it looks at</H>
      <Facts
        rows={[
          ['Running instance', 'Ready, correlation ids, browser guards, privacy and terms, the throw-away teams themselves.'],
          ['Access', 'No key, unknown, expired and revoked keys, a missing ability, another team, another environment, no sign-in, another site.'],
          ['Ledger', 'Accepted and priced, duplicate, conflict, unpriced, a bad event, a bad body, an oversize body, late and future events, a correction and two at once, the download, the last proof of the books.'],
          ['Gate', 'Begin and finish, finish twice, begin again, release, hard and soft caps, a model outside the plan, a rate limit, a suspended customer, a denial found again.'],
          ['Installation', 'Node, database, roles, row security, migrations, clock, connections, disk, Redis, master key, public address, TLS, metrics, mail server and sender, backup, legal text.'],
          ['Operation', 'Failed jobs, rounds that do not come, queues that grow.'],
          ['Team', 'Two admins, the time zone, a key in production, keys that never expire or lie around, events from production.'],
          ['Money', 'Calls without price, a default plan, a hard cap, the risk block, caps that end soon, provider connections, a budget.'],
          ['Alerts', 'Rules, a channel, a test of it, messages that failed, critical alerts, the morning’s summary.'],
        ]}
      />
      <H>Reading it</H>
      <List>
        <li>
          <C>ok</C> is so. <C>FAIL</C> is not, with what to do below it; the exit code is 1 then. <C>look</C> cannot be seen by a program, such as a restored backup: a person looks.
        </li>
        <li>
          <C>--team</C> with an id looks at that team alone. Without it every team is looked at but those of made-up data.
        </li>
        <li>
          With <C>--json</C> each check has <C>id</C>, <C>group</C>, <C>title</C>, <C>ok</C> (true, false or null), <C>message</C> and <C>nextStep</C>. Ids stay the same from version to version.
        </li>
      </List>
    </>
  );
}
