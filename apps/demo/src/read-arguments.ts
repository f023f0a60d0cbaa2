/** The demo's command line. */
import { Command, InvalidArgumentError } from 'commander';

export interface Arguments {
  readonly trace: string | undefined;
  readonly speed: number | 'max';
  readonly requests: number | undefined;
  readonly seed: number;
  readonly url: string;
  readonly apiKeys: readonly string[];
  /** The chat page instead of the trace: its port. */
  readonly chat: number | undefined;
}

const CHAT_PORT = 4410;

/** Commander prints usage errors and leaves with code 1 by itself, unless `exitOverride` was called on `command`. */
export function readArguments(args: readonly string[], defaults: { url: string; apiKeys: readonly string[] }, command: Command = new Command()): Arguments {
  command
    .name('npm run demo --')
    .description('Three paid AI workflows, driven by a request trace, through the Outlay SDK and the official clients against fake providers.')
    .option('--trace <file>', 'CSV with TIMESTAMP,ContextTokens,GeneratedTokens; the trace that ships otherwise')
    .option('--speed <factor>', 'how much faster than the trace, or "max"', readSpeed, 20)
    .option('--requests <count>', 'how many runs; one a row of the trace otherwise', readCount)
    .option('--seed <number>', 'same seed, same plan', readCount, 1)
    .option('--url <url>', 'address of Outlay', defaults.url)
    .option('--api-key <key>', 'may ingest and read; repeat it for further environments', (key: string, keys: string[] | undefined) => [...(keys ?? []), key])
    .option('--chat [port]', 'a chat page with a plan instead of the trace, on this port (4410)', readPort)
    .parse([...args], { from: 'user' });
  const options = command.opts<{ trace?: string; speed: number | 'max'; requests?: number; seed: number; url: string; apiKey?: string[]; chat?: number | true }>();
  return { trace: options.trace, speed: options.speed, requests: options.requests, seed: options.seed, url: options.url, apiKeys: options.apiKey ?? defaults.apiKeys, chat: options.chat === true ? CHAT_PORT : options.chat };
}

function readSpeed(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed <= 0) throw new InvalidArgumentError('It must be a number above 0, or "max".');
  return speed;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a port from 0 to 65535; 0 takes any free one.');
  return port;
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
