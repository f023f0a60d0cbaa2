/**
 * What the spool needs of Node, found at run time: an import would keep the package off edges, where none of it exists.
 * Deno and Bun answer the same way.
 */
export interface FileSystem {
  readonly mkdirSync: (path: string, options: { recursive: boolean; mode: number }) => unknown;
  readonly openSync: (path: string, flags: string, mode?: number) => number;
  readonly writeSync: (fd: number, data: Uint8Array) => number;
  readonly closeSync: (fd: number) => void;
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
  readonly readlinkSync: (path: string) => string;
  readonly readdirSync: (path: string) => string[];
  readonly renameSync: (from: string, to: string) => void;
  readonly unlinkSync: (path: string) => void;
  readonly utimesSync: (path: string, at: Date, mt: Date) => void;
  readonly chmodSync: (path: string, mode: number) => void;
  readonly lstatSync: (path: string) => { readonly size: number; readonly mtimeMs: number; readonly uid: number; readonly mode: number; isDirectory(): boolean };
}

export interface NodeParts {
  readonly fs: FileSystem;
  readonly tmpdir: () => string;
  readonly join: (...parts: string[]) => string;
  readonly pid: number;
  /** Undefined on Windows, which has no such thing. */
  readonly uid: number | undefined;
  /** Of `text`, as hex. */
  readonly hash: (text: string) => string;
  /** This machine and, in containers, this namespace of process ids. */
  readonly host: string;
  /** When a process began, to tell it from a later one with its id; '' where the system does not say, null when it is gone. */
  readonly startOf: (pid: number) => string | null;
}

interface ProcessLike {
  readonly versions?: { readonly node?: string };
  readonly pid: number;
  readonly platform: string;
  readonly getuid?: () => number;
  readonly kill: (pid: number, signal: 0) => unknown;
  readonly getBuiltinModule?: (name: string) => unknown;
}

interface Builtins {
  readonly 'node:fs': FileSystem;
  readonly 'node:os': { tmpdir(): string; hostname(): string };
  readonly 'node:path': { join(...parts: string[]): string };
  readonly 'node:crypto': { createHash(name: string): { update(text: string): { digest(encoding: 'hex'): string } } };
}

/** Undefined where there is no Node, or no disk: Workers answer `getBuiltinModule` too, with files that end with the request. */
export function findNodeParts(): NodeParts | undefined {
  const runtime = globalThis as unknown as { process?: ProcessLike; navigator?: { userAgent?: string }; EdgeRuntime?: unknown };
  const { process } = runtime;
  if (!process?.versions?.node || runtime.EdgeRuntime !== undefined || runtime.navigator?.userAgent === 'Cloudflare-Workers') return undefined;
  const load = <N extends keyof Builtins>(name: N): Builtins[N] | undefined => process.getBuiltinModule?.(name) as Builtins[N] | undefined;
  try {
    const [fs, os, path, crypto] = [load('node:fs'), load('node:os'), load('node:path'), load('node:crypto')];
    if (!fs || !os || !path || !crypto) return undefined;
    const hash = (text: string): string => crypto.createHash('sha256').update(text).digest('hex');
    return {
      fs,
      hash,
      tmpdir: os.tmpdir,
      join: path.join,
      pid: process.pid,
      uid: process.getuid?.(),
      host: hash(`${os.hostname()} ${quietly(() => fs.readlinkSync('/proc/self/ns/pid')) ?? ''}`).slice(0, 8),
      startOf: (pid) => startOf(process, fs, pid),
    };
  } catch {
    return undefined;
  }
}

function startOf(process: ProcessLike, fs: FileSystem, pid: number): string | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Of another user: it lives, and is not ours to ask.
    if ((error as { code?: string }).code !== 'EPERM') return null;
  }
  const stat = process.platform === 'linux' ? quietly(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8')) : undefined;
  // The name in parentheses may hold blanks; the start is the twentieth word after it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
