import { C, Facts, H, List, P } from './prose';

export function SecurityGuide() {
  return (
    <>
      <P>Who runs Outlay decides about everything in it: it talks to your database, your Redis and your mail server, and, once you connect them, to the providers whose bills it compares and the channels it alerts; to nobody else. It looks up no updates and sends no statistics.</P>
      <H>What is stored, and what never</H>
      <Facts
        rows={[
          ['Stored', 'Your own identifiers and labels, the provider’s usage object, models, times, status, outcome, cost, and the snapshot that you send.'],
          ['Of people', 'Name, e-mail, a hash of the password, sessions with time, address and browser, and the audit log.'],
          ['Sealed', 'Of connections that you make: the providers’ billing keys, and the addresses and signing secrets of channels.'],
          ['Never', 'Prompts, completions, files, card data. There is no column for a prompt; a test plants secrets in every prompt and searches database, logs, Redis and spool for them.'],
          ['Your part', 'Labels and snapshots hold what you put into them. Send identifiers that name no person.'],
        ]}
      />
      <H>Threats and answers</H>
      <Facts
        rows={[
          ['A team reads another’s rows', 'Row level security, forced, on every table of a team. The api works as a role that owns no table and cannot bypass it; a test plants foreign ids into every procedure and route.'],
          ['A stolen API key', 'Keys hold for one environment and named abilities, are stored as SHA-256, can expire, and are refused within five seconds of revocation. A key with ingest can read nothing.'],
          ['Guessing', 'Sign-in, reset and key checks are rate-limited by address and account. Passwords are argon2id.'],
          ['A foreign page acts for you', 'The session cookie is httpOnly and SameSite=Lax, Secure behind TLS; every change checks Origin; pages cannot be framed.'],
          ['Script in a page', 'A content security policy allows files of this server only: no inline script, no other host. CSV cells that a spreadsheet would run are defused.'],
          ['A changed past', 'Rows are append-only: the database refuses updates and deletes even to the api’s own role. Corrections and settings leave a trace with who, when, before and after.'],
          ['A wrong figure', 'The trial balance derives costs and sums again on live data and names the first row that differs.'],
          ['A leaking error', 'A 5xx says nothing of its cause; it carries the correlation id, and the cause stands in your log.'],
        ]}
      />
      <H>Secrets</H>
      <List>
        <li>API keys are shown once. What is stored cannot be turned back into them.</li>
        <li>
          <C>OUTLAY_MASTER_KEY</C> wraps a data key for each team, which seals that team&apos;s stored secrets with AES-256-GCM, bound to their row. They are opened inside of the call that needs them, and shown to nobody again. The manifests
          of archived months are sealed under the master key too.
        </li>
        <li>
          <C>outlay rotate-keys</C> puts every team&apos;s key under a new master key. It touches no secret, may break off anywhere and goes on when it is called again; when it is done, the old key opens nothing that stands in the database.
          The handoff guide has the steps.
        </li>
        <li>The keys that your calls of models use stay in your process. Those calls do not pass through Outlay.</li>
        <li>Links in letters, for invitations and forgotten passwords, work once, for a limited time, and are stored as hashes.</li>
      </List>
      <H>Walls in the database</H>
      <P>
        Four roles: one owns the tables and migrates, one answers requests, one only writes the ledger, one finds due work across teams and sees no figures. Each transaction names its team first; without a name the database shows no
        row. The doctor checks roles, policies and grants, and says what to do.
      </P>
      <H>What it does not protect from</H>
      <List>
        <li>Whoever has the database superuser, the data folder or the machine can read everything in it. Encrypt the disk.</li>
        <li>Without TLS in front, sessions and keys travel in the clear. Put a proxy there and set OUTLAY_PUBLIC_URL to https.</li>
        <li>There is no second factor and no single sign-on yet.</li>
        <li>A member with the right to read can export. Choose roles accordingly.</li>
      </List>
    </>
  );
}
