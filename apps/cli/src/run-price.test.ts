import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readLines } from './read-lines';
import { runPrice } from './run-price';

const GOOD = '{"provider":"openai","api":"chat","model":"gpt-4o","usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100},"at":"2026-08-20T00:00:00Z"}';

async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function price(...pieces: readonly string[]): Promise<Record<string, unknown>[]> {
  let text = '';
  await runPrice(bytesOf(...pieces), new Writable({ write: (piece: Buffer, _encoding, done) => { text += piece.toString(); done(); } }));
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('runPrice', () => {
  it('answers a line a line, in order, broken ones with their number', async () => {
    const answers = await price(`${GOOD}\r\nnonsense\n\n`, '{"provider":"openai","model":"gpt-4o"', ',"usage":{"prompt_tokens":-1}}\n', GOOD);
    expect(answers.map(({ cost_usd: cost, line, field }) => cost ?? [line, field])).toEqual(['0.0035', [2, 'line'], [4, 'usage.prompt_tokens'], '0.0035']);
  });

  it('keeps nothing of a line that is too long, and goes on behind it', async () => {
    const mega = 'x'.repeat(1024 * 1024);
    const answers = await price(...Array.from({ length: 17 }, () => mega), '\n', `${GOOD}\n`);
    expect(answers).toMatchObject([{ line: 1, field: 'line', error: 'line: is longer than 16777216 characters' }, { cost_usd: '0.0035' }]);
  });

  it('holds no more than it has to when nobody reads fast enough', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; given < 3_000; given++) yield await Promise.resolve(Buffer.from(`${GOOD}\n`));
    }
    let waitingMax = 0;
    const slow = new Writable({
      highWaterMark: 1024,
      write: (piece: Buffer, _encoding, done) => {
        waitingMax = Math.max(waitingMax, slow.writableLength);
        setImmediate(done);
      },
    });
    await runPrice(endless(), slow);
    expect(given).toBe(3_000);
    expect(waitingMax).toBeLessThan(128 * 1024);
  });

  it('ends quietly when its reader has gone', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; given < 100_000; given++) yield await Promise.resolve(Buffer.from(`${GOOD}\n`));
    }
    const gone = new Writable({ write: (_piece, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) });
    await runPrice(endless(), gone);
    expect(given).toBeLessThan(100_000);
  });
});

describe('readLines', () => {
  it('joins characters that a chunk cut in two, and leaves a byte order mark out', async () => {
    const bytes = Buffer.from('\uFEFFäöü\n€');
    const lines: unknown[] = [];
    for await (const line of readLines(byteByByte(bytes), 100)) lines.push(line);
    expect(lines).toEqual([{ text: 'äöü', number: 1 }, { text: '€', number: 2 }]);
  });
});

async function* byteByByte(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (const byte of bytes) yield await Promise.resolve(Uint8Array.of(byte));
}
