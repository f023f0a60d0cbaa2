/** Everything that Outlay keeps anywhere, as text to search in. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRedis } from '@outlay/platform';
import { Client, escapeIdentifier } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** Table or key or file -> its text. */
export type Dump = ReadonlyMap<string, string>;

/** Every table of every schema of ours, by COPY as a superuser: no policy hides a row. */
export async function dumpDatabase(adminUrl: string): Promise<Dump> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; name: string }>(`
      select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'm', 'S') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%' order by 1, 2`);
    const dump = new Map<string, string>();
    for (const { schema, name } of rows) {
      const pieces: Buffer[] = [];
      for await (const piece of client.query(copyTo(`copy (select * from ${escapeIdentifier(schema)}.${escapeIdentifier(name)}) to stdout`))) pieces.push(piece as Buffer);
      dump.set(`${schema}.${name}`, Buffer.concat(pieces).toString('utf8'));
    }
    return dump;
  } finally {
    await client.end();
  }
}

const REDIS_READS: Readonly<Record<string, (key: string) => [string, ...string[]]>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
};

export async function dumpRedis(url: string): Promise<Dump> {
  const redis = await openRedis(url);
  try {
    const dump = new Map<string, string>();
    for (const key of await redis.keys('*')) {
      const read = REDIS_READS[await redis.type(key)];
      if (!read) throw new Error(`The Redis key ${key} is of a type that this dump cannot read.`);
      dump.set(key, JSON.stringify(await redis.call(...read(key))));
    }
    return dump;
  } finally {
    redis.disconnect();
  }
}

/** The files of a folder, but for those below `except`: bytes as Latin-1, so that nothing is lost. */
export async function dumpFiles(folder: string, except: string): Promise<Dump> {
  const dump = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === except) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const [name, text] of await dumpFiles(path, except)) dump.set(name, text);
    else dump.set(path, await readFile(path, 'latin1'));
  }
  return dump;
}

/** Where a text stands as it is. */
export function findPlain(dumps: Readonly<Record<string, Dump>>, text: string): string[] {
  return findForms(dumps, [text.toLowerCase()]);
}

/** Where a text stands, also as hex or base64: `bytea` columns and encodings hide it from a plain search. */
export function findIn(dumps: Readonly<Record<string, Dump>>, text: string): string[] {
  const bytes = Buffer.from(text);
  // Base64 depends on where in three bytes the text begins; the characters at its edges mix with the neighbours'.
  const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, -4));
  return findForms(dumps, [text.toLowerCase(), bytes.toString('hex'), ...base64.map((form) => form.toLowerCase())]);
}

function findForms(dumps: Readonly<Record<string, Dump>>, forms: readonly string[]): string[] {
  return Object.entries(dumps).flatMap(([kind, dump]) => [...dump].flatMap(([place, content]) => {
    const lower = content.toLowerCase();
    return forms.some((form) => lower.includes(form)) ? [`${kind}: ${place}`] : [];
  }));
}
