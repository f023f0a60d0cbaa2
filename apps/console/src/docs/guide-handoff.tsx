import { Link } from '@tanstack/react-router';
import { TEXT_LINK } from '../account/account-layout';
import { ArchitecturePicture } from './architecture-picture';
import { C, Facts, H, List, P } from './prose';
import { Sample } from './sample';
import backup from './samples/backup.txt?raw';
import doctor from './samples/doctor.txt?raw';
import { SettingsTable } from './settings-table';

export function HandoffGuide() {
  return (
    <>
      <P>For whoever takes an installation over: what runs, what it needs, what must not be lost, and what nobody has promised.</P>
      <H>Architecture</H>
      <ArchitecturePicture />
      <List>
        <li>
          <C>npm start</C> runs api, worker and a PostgreSQL of its own in one process. With <C>DATABASE_URL</C> and <C>REDIS_URL</C>, any number of <C>outlay start --only api</C> and <C>--only worker</C> share the work.
        </li>
        <li>PostgreSQL is the only place with facts. Redis holds jobs, which the worker finds again by itself.</li>
        <li>
          The code stands by domain: <C>packages/ledger</C>, <C>pricing</C>, <C>tenancy</C>, each with a README of one screen; <C>apps</C> are the processes. Tests in <C>.config/tidy</C> hold the house rules.
        </li>
      </List>
      <H>Environment variables</H>
      <P>Taken from the code that reads them. All are optional, except the master key with a database of your own. A wrong one stops the start, and every problem is listed at once.</P>
      <SettingsTable program="outlay" />
      <P>The demo of the repository, a small paid AI product, reads two of its own:</P>
      <SettingsTable program="demo" />
      <H>Keys and rotation</H>
      <Facts
        rows={[
          ['API keys', 'Create a new one, deploy it, revoke the old one: both work meanwhile. With the SDK set delivery.spoolName first, so that waiting events follow to the new key.'],
          ['Passwords', 'Each person changes it through Forgotten password. Sessions can be ended one by one or all.'],
          ['Master key', 'Keep it apart from backups. To change it: set a new one as OUTLAY_MASTER_KEY and the one until now as OUTLAY_MASTER_KEY_OLD, restart every process, run outlay rotate-keys, take OUTLAY_MASTER_KEY_OLD away, restart. Name the folders of archived months with --archive. A key in the data folder: stop Outlay, run outlay rotate-keys, start it. Run it again when it broke off.'],
          ['Leaked secrets', 'Who had the old master key and a copy of the database could open what was stored: rotate, then make new keys at the providers too, and enter them in their connections.'],
          ['Database login', 'Change it in Postgres and in DATABASE_URL, then restart. Outlay’s own roles have no passwords: they cannot sign in.'],
          ['TLS', 'Belongs to the proxy in front. The compose file’s Caddy renews by itself.'],
        ]}
      />
      <H>Backup and restore</H>
      <Sample text={backup} language="shell" title="Terminal" />
      <List>
        <li>Embedded: stop Outlay, copy the whole data folder, start it again. The key is inside. Restoring is copying it back.</li>
        <li>
          Your own Postgres: restore into an empty database whose server knows the roles, which one <C>outlay migrate</C> on another database makes; start with the same <C>OUTLAY_MASTER_KEY</C>.
        </li>
        <li>Try the restore before you need it. It is done when the doctor says that the books agree:</li>
      </List>
      <Sample text={doctor} language="shell" title="Terminal" />
      <H>Upgrade</H>
      <List>
        <li>Back up. Then pull, and start as before: the first process applies the migrations, each in one transaction, and the others wait for it.</li>
        <li>A newer program reads an older database after its migrations; an older program refuses a newer database with one sentence. The way back is the backup.</li>
        <li>Major versions of PostgreSQL are Postgres&apos; own business: dump, new server, restore.</li>
      </List>
      <H>Licence</H>
      <P>
        Apache-2.0: use it, change it, sell what you build with it, under a name of your own. Keep the licence and its notices with copies, and say which files you changed. It grants the patents of its contributors and ends that grant for
        whoever sues over them. It gives no right to the name Outlay, and no warranty.
      </P>
      <H>Support and limits</H>
      <List>
        <li>No support is included, and no response time is promised. Bugs belong to the issues of the repository that you got it from; your contract, if you have one, says the rest.</li>
        <li>When you ask, quote the correlation id, the versions under Settings, and what the doctor says.</li>
        <li>Measured on two cores with one Postgres: about 17,000 durable events a second, pages in milliseconds at ten million rows. More than that is untested.</li>
        <li>One database is the limit of one installation. There is no replication across regions.</li>
        <li>
          Costs are worked out by the price book; the provider&apos;s invoice decides what you owe. Comparing the two, limits before a call, and billing come later. Words are explained in the{' '}
          <Link to="/docs/$guide" params={{ guide: 'glossary' }} className={TEXT_LINK}>glossary</Link>.
        </li>
      </List>
    </>
  );
}
