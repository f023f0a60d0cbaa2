/** `npm run demo`. Exit codes: 0 equal, 1 different or failed, 2 wrong input. */
import { readFile } from 'node:fs/promises';
import { startChat } from './chat/start-chat';
import { readEnv } from './env';
import { type Arguments, readArguments } from './read-arguments';
import { DemoError } from './read-ledger';
import { parseTrace, type TraceRow } from './read-trace';
import { runDemo } from './run-demo';
import { writeTrace } from './write-trace';

async function main(): Promise<number> {
  const environment = readEnv();
  if (!environment.ok) return complain(environment.problems);
  const given = readArguments(process.argv.slice(2), environment.env);
  if (given.apiKeys.length === 0) {
    return complain(['The demo needs an API key that may ingest and read: name it with --api-key or OUTLAY_API_KEY. Create one in the console under Settings, API keys.']);
  }
  if (given.chat !== undefined) return runChat(given, given.chat);
  const trace = await loadTrace(given.trace);
  if (typeof trace === 'string') return complain([trace]);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const result = await runDemo({
    baseUrl: given.url, apiKey: given.apiKeys, trace, requests: given.requests, speed: given.speed, seed: given.seed, output: process.stdout, signal: stop.signal,
  });
  return result.equal ? 0 : 1;
}

/** Until it is told to end. */
async function runChat({ url, apiKeys, seed }: Arguments, port: number): Promise<number> {
  const stopped = new Promise<void>((resolve) => void process.once('SIGINT', resolve).once('SIGTERM', resolve));
  const warned = new Set<string>();
  const chat = await startChat({
    baseUrl: url, apiKey: apiKeys[0]!, port, seed, pages: new URL('./chat/', import.meta.url),
    onWarning: ({ code, message }) => {
      if (!warned.has(code)) process.stderr.write(`${code}: ${message}\n`);
      warned.add(code);
    },
  });
  process.stdout.write(`The chat is at ${chat.url}, its plans and caps at ${url}. Ctrl-C ends it.\n`);
  await stopped;
  await chat.close();
  return 0;
}

async function loadTrace(file: string | undefined): Promise<readonly TraceRow[] | string> {
  const name = file ?? 'the trace that ships with the demo';
  let text: string;
  try {
    text = file === undefined ? writeTrace() : await readFile(file, 'utf8');
  } catch (cause) {
    return `${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  const parsed = parseTrace(text);
  return parsed.ok ? parsed.rows : [`${name} is no trace:`, ...parsed.problems.map((problem) => `  line ${problem.line}: ${problem.message}`)].join('\n');
}

function complain(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return 2;
}

main().then(
  (code) => { process.exitCode = code; },
  (cause: unknown) => {
    process.stderr.write(`${cause instanceof DemoError ? cause.message : cause instanceof Error ? cause.stack : String(cause)}\n`);
    process.exitCode = 1;
  },
);
