/** An archive on disk: a folder a month, in it a gzipped file of JSON lines a team, and a sealed manifest that names them. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { DomainError } from '@outlay/kernel';
import type { ArchivedMonth, ArchivedTotal, ArchiveFiles, ArchiveSeal } from '@outlay/ledger';
import { z } from 'zod';
import { readLines } from '../read-lines';

const FORMAT = 'outlay-archive-1';
const LINE_CHARS_MAX = 1_024 * 1_024;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  month: z.string().regex(/^\d{4}-\d\d$/),
  made_at: z.string(),
  /** Which master key sealed it. */
  key_id: z.string(),
  teams: z.array(z.object({ file: z.string().regex(/^\d{4}-\d\d\/[0-9a-f-]{36}\.jsonl\.gz$/), seal: z.string(), facts: z.object({ tenant_id: z.uuid(), month: z.string() }).loose() })),
  seal: z.string(),
});

/** Files below `folder`. Each is on disk, and read back from there, before anything else happens. */
export function createArchiveFiles(folder: string): ArchiveFiles & { readonly written: Set<string> } {
  const written = new Set<string>();
  return {
    written,
    write: async (tenantId, month, lines) => {
      const file = `${month}/${tenantId}.jsonl.gz`;
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(Readable.from(withEnds(lines)), createGzip({ level: 6 }), createWriteStream(path, { flush: true }));
      written.add(file);
      return { file, contentSha256: await hashContent(path) };
    },
  };
}

async function* withEnds(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let waiting = '';
  for await (const line of lines) {
    waiting += `${line}\n`;
    if (waiting.length < 256 * 1_024) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  yield Buffer.from(waiting);
}

/** Of the lines, not of the gzip around them. Errors: of the disk, and of a file that is no gzip. */
async function hashContent(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), createGunzip(), hash);
  return hash.digest('hex');
}

/** Errors: `conflict` when the file is gone or is not what was archived. */
export async function verifyFile(folder: string, { file, facts }: ArchivedTotal): Promise<void> {
  const found = await hashContent(join(folder, file)).catch((error: Error) => error);
  if (found === facts.content_sha256) return;
  throw new DomainError('conflict', { message: `${join(folder, file)} ${found instanceof Error ? `cannot be read (${found.message})` : 'is not what was archived'}. Its rows are still in the database; name the folder of the first try with --to.` });
}

/** The lines of a team's file, to be brought back. */
export async function* readArchiveLines(folder: string, { file }: ArchivedTotal): AsyncGenerator<string> {
  const stream = createReadStream(join(folder, file));
  const input = stream.pipe(createGunzip());
  stream.on('error', (error) => input.destroy(error));
  for await (const { text } of readLines(input, LINE_CHARS_MAX)) {
    if (text === null) throw new DomainError('conflict', { message: `${file} holds a line that is longer than any row.` });
    yield text;
  }
}

/** Answers its path. Written aside and renamed: there is a whole manifest or none. */
export async function writeManifest(folder: string, { month, teams }: ArchivedMonth, seal: ArchiveSeal, keyId: string, nowMs: number): Promise<string> {
  const facts = { format: FORMAT, month, made_at: new Date(nowMs).toISOString(), key_id: keyId, teams };
  const path = join(folder, month, 'manifest.json');
  await mkdir(dirname(path), { recursive: true });
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(`${JSON.stringify({ ...facts, seal: seal.seal(facts) }, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return path;
}

/** Errors: `invalid_input` when it is no manifest, `conflict` when its seal does not fit. */
export async function readManifest(path: string, seal: ArchiveSeal): Promise<{ readonly folder: string; readonly archived: ArchivedMonth; readonly keyId: string; readonly madeAt: string }> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new DomainError('invalid_input', { field: 'restore', message: `${path} cannot be read: ${error.message}.`, cause: error });
  });
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new DomainError('invalid_input', { field: 'restore', message: `${path} is no manifest of an archive.` });
  const { seal: given, ...facts } = parsed.data;
  if (!seal.holds(facts, given)) {
    throw new DomainError('conflict', { message: `${path} was changed, or sealed under another master key than this one (it names key ${facts.key_id}).` });
  }
  // Sealed, so that it is what we wrote.
  return { folder: dirname(dirname(path)), archived: { month: facts.month, teams: facts.teams as unknown as ArchivedTotal[] }, keyId: facts.key_id, madeAt: facts.made_at };
}

/** The manifests below the folder of an archive, oldest month first. Errors: `invalid_input` when it cannot be read. */
export async function findManifests(folder: string): Promise<{ readonly month: string; readonly path: string }[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: Error) => {
    throw new DomainError('invalid_input', { field: 'archive', message: `${folder} cannot be read: ${error.message}.`, cause: error });
  });
  return names.filter((name) => /^\d{4}-\d\d[/\\]manifest\.json$/.test(name)).sort().map((name) => ({ month: name.slice(0, 7), path: join(folder, name) }));
}

/** Seals a manifest and the totals in it anew; false when `own` seals it already. `own` must know no older key. Errors: as `readManifest`. */
export async function resealManifest(path: string, own: ArchiveSeal, known: ArchiveSeal, keyId: string): Promise<boolean> {
  const { folder, archived, keyId: usedKeyId, madeAt } = await readManifest(path, known);
  if (usedKeyId === keyId) return false;
  const teams = archived.teams.map((total) => {
    if (!known.holds(total.facts, total.seal)) throw new DomainError('conflict', { message: `The total of team ${total.facts.tenant_id} in ${path} was changed: its seal does not fit.` });
    return { ...total, seal: own.seal(total.facts) };
  });
  await writeManifest(folder, { ...archived, teams }, own, keyId, Date.parse(madeAt));
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
