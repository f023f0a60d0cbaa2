/** What the environment may say, as docker/README.md and the code that reads it have it; a test compares them. */
export const SETTINGS: readonly { readonly name: string; readonly meaning: string }[] = [
  { name: 'PORT', meaning: '4400. Where the api and this console listen.' },
  { name: 'HOST', meaning: '127.0.0.1; in the image 0.0.0.0. The address it listens on.' },
  { name: 'OUTLAY_PUBLIC_URL', meaning: 'http://localhost:PORT. Where people reach the console: links in mails begin with it.' },
  { name: 'OUTLAY_DATA_DIR', meaning: '.outlay; in the image /data. The embedded database and the master key.' },
  { name: 'DATABASE_URL', meaning: 'A PostgreSQL 15 or later of your own, instead of the embedded one. A direct connection, no transaction pooler.' },
  { name: 'REDIS_URL', meaning: 'Redis 6.2 or later for jobs. Needed for more than one process; without it jobs live in Postgres.' },
  { name: 'OUTLAY_MASTER_KEY', meaning: '32 bytes in base64 that wrap every stored secret. Made in the data folder; required with DATABASE_URL. Keep it apart from backups.' },
  { name: 'SMTP_URL', meaning: 'smtp://user:password@host:587. Without it letters are only kept, and shown at /dev/mailbox to who sits at the machine.' },
  { name: 'MAIL_FROM', meaning: 'Outlay <outlay@localhost>. The sender of letters.' },
  { name: 'LOG_LEVEL', meaning: 'info; in a terminal warn. trace, debug, info, warn, error or silent.' },
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', meaning: 'http://collector:4318. Where OpenTelemetry traces go; without it there are none.' },
];
