import { CodeBlock } from '../ui/code-block';
import { C, Facts, H, List, P } from './prose';

const RUN = `git clone <your copy of Outlay>
cd outlay
npm start            # http://localhost:4400`;

const CHECK = `npm run outlay -- doctor            # database, roles, migrations, clock, disk, key, mail
npm run outlay -- doctor --ledger   # proves the sums on live data`;

export function SelfHostingGuide() {
  return (
    <>
      <P>One process runs everything: api, workers, this console and an embedded PostgreSQL. It needs Node 20.19 or later, and nothing else.</P>
      <CodeBlock code={RUN} language="shell" title="Terminal" />
      <H>Settings</H>
      <P>All are environment variables, and all are optional.</P>
      <Facts
        rows={[
          [<C key="1">PORT</C>, 'Where it listens; 4400 unless you say otherwise.'],
          [<C key="2">OUTLAY_DATA_DIR</C>, 'The folder of the embedded database; .outlay unless you say otherwise.'],
          [<C key="3">DATABASE_URL</C>, 'A PostgreSQL 15 or later of your own, instead of the embedded one.'],
          [<C key="4">REDIS_URL</C>, 'Jobs on Redis, so that several processes can share the work.'],
          [<C key="5">OUTLAY_MASTER_KEY</C>, 'Wraps the keys that encrypt stored secrets. Keep it safe and apart from backups.'],
          [<C key="6">SMTP_URL</C>, 'Your mail server. Without it, letters land in the development mailbox on the machine itself.'],
        ]}
      />
      <H>Health</H>
      <List>
        <li>
          <C>/healthz</C> says that the process lives, <C>/readyz</C> that it can work.
        </li>
        <li>
          <C>/metrics</C> is for Prometheus.
        </li>
      </List>
      <CodeBlock code={CHECK} language="shell" title="Terminal" />
      <H>Backup</H>
      <P>
        With the embedded database: stop Outlay and copy its data folder. With your own PostgreSQL: back it up as you do your others. The folder <C>docker/</C> has a compose file and the notes on upgrades.
      </P>
    </>
  );
}
