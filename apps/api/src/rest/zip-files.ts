/** Files as one zip, streamed in constant memory; the last one, the manifest, says what the others hold. */
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { ExportFile } from '@outlay/platform';
import { ZipFile } from 'yazl';

/** What the manifest says of a file. */
export interface ZippedFile {
  readonly name: string;
  readonly what: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly sums?: Readonly<Record<string, string>>;
}

/** A level at which the disk and the network, not this core, are what a reader waits for. */
const COMPRESSION_LEVEL = 3;

/**
 * The zip, to be sent as it is. A file that fails destroys it with that error: the answer breaks off, and nobody takes half of it for the whole. Destroyed by
 * its reader, it reads no further.
 */
export function zipFiles(files: readonly ExportFile[], manifest: (zipped: readonly ZippedFile[]) => Readonly<Record<string, unknown>>): PassThrough {
  const zip = new ZipFile();
  // Forwarded by hand: yazl keeps writing into its own stream, and must not be what somebody destroys.
  const out = new PassThrough({ highWaterMark: 1 << 18 });
  const zipped: ZippedFile[] = [];
  let reading: Readable | undefined;
  const add = (name: string, open: () => Readable): void => zip.addReadStreamLazy(name, { compressionLevel: COMPRESSION_LEVEL }, (done) => {
    // Nobody is there to take it.
    if (out.destroyed) return;
    reading = open().on('error', (error) => out.destroy(error));
    done(null, reading);
  });
  for (const file of files) {
    add(file.name, () => Readable.from(measure(file, (facts) => zipped.push(facts)), { objectMode: false, highWaterMark: 1 << 18 }));
  }
  add('manifest.json', () => Readable.from([Buffer.from(`${JSON.stringify(manifest(zipped), null, 2)}\n`)]));
  out.on('close', () => reading?.destroy());
  zip.on('error', (error: Error) => out.destroy(error));
  zip.outputStream.pipe(out);
  zip.end();
  return out;
}

async function* measure({ name, what, write }: ExportFile, onEnd: (facts: ZippedFile) => void): AsyncGenerator<Buffer, void, void> {
  const hash = createHash('sha256');
  const text = write();
  let bytes = 0;
  try {
    for (;;) {
      const next = await text.next();
      if (next.done) {
        onEnd({ name, what, bytes, sha256: hash.digest('hex'), ...next.value });
        return;
      }
      const piece = Buffer.from(next.value);
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  } finally {
    await text.return({ rows: 0 });
  }
}
