import { C, H, List, P } from './prose';
import { Sample } from './sample';
import compose from './samples/compose.txt?raw';
import doctor from './samples/doctor.txt?raw';
import selfHost from './samples/self-host.txt?raw';
import { SettingsTable } from './settings-table';

export function SelfHostingGuide() {
  return (
    <>
      <P>One process runs everything: api, workers, this console and an embedded PostgreSQL. It needs Node 20.19 or later and npm, and nothing else.</P>
      <Sample text={selfHost} language="shell" title="Terminal" />
      <P>For more machines, or a database of your own, there is a compose file with Postgres, Redis, and any number of api and worker processes.</P>
      <Sample text={compose} language="shell" title="Terminal" />
      <H>Settings</H>
      <P>Environment variables, all optional except where a line says otherwise. A wrong one stops the start, with every problem listed.</P>
      <SettingsTable program="outlay" />
      <H>Behind a proxy</H>
      <P>
        Put TLS in front and set <C>OUTLAY_PUBLIC_URL</C> to the address people use. With <C>https://</C>, cookies travel over TLS only. The proxy must not buffer <C>/trpc/live.activity</C>, or pages are as live as its
        buffer; they still look by themselves every few seconds while they wait for the first event.
      </P>
      <H>Reaching providers</H>
      <P>
        The worker asks the providers that teams connect once a minute, over HTTPS; a base URL typed in at a connection is asked instead. Outlay calls no private, link-local or loopback address,
        whatever a name resolves to, and follows no redirect. Only where Outlay itself is reachable from this machine alone (one process, <C>HOST</C> a loopback address, no{' '}
        <C>OUTLAY_PUBLIC_URL</C>) it may call this machine, so that a stand-in of a provider can be connected to try it.
      </P>
      <H>Health</H>
      <List>
        <li>
          <C>/healthz</C> says that the process lives, <C>/readyz</C> that it can record, <C>/metrics</C> is for Prometheus.
        </li>
        <li>
          <C>outlay doctor</C> looks at everything that Outlay stands on and says what to do. It works beside a running Outlay, and its exit code is 1 when something is wrong.
        </li>
      </List>
      <Sample text={doctor} language="shell" title="Terminal" />
      <H>Backup</H>
      <List>
        <li>Embedded: stop Outlay, copy the whole data folder, start it again. The master key is inside. Restoring is copying it back.</li>
        <li>
          Your own Postgres: <C>pg_dump</C> or your usual backup, and <C>OUTLAY_MASTER_KEY</C>, kept apart from it. Redis holds jobs only, which the worker finds again.
        </li>
        <li>
          After a restore: <C>outlay doctor --ledger</C>.
        </li>
      </List>
      <H>Upgrade</H>
      <List>
        <li>
          Back up. Then <C>git pull</C>, and <C>npm start</C> or <C>docker compose up -d --build</C>.
        </li>
        <li>The first process to start applies the migrations, each in one transaction; the others wait for it.</li>
        <li>An older program refuses a newer database with one sentence. To go back, restore the backup.</li>
      </List>
    </>
  );
}
