/**
 * The folder where events wait, and whose file is whose. A file belongs to one client of one process, which stands in its name;
 * it may be taken over, by a rename that only one can win, once that process is gone. Should two ever send the same event, its
 * id makes the second a duplicate: a mistake here costs a request, never an event.
 */
import type { NodeParts } from './node-parts.js';

const FREE = 'free';
/** A file of another machine is left alone for as long as its owner may still be touching it. */
const FOREIGN_IDLE_MS = 15 * 60_000;
const FILE_FORM = /^([0-9a-f]{16})\.([^.]+)\.([0-9a-z]+)\.jsonl$/;

interface LeftFiles {
  /** Of owners that are gone, oldest first. */
  readonly paths: readonly string[];
  /** Of all files of this scope that are not ours. */
  readonly bytes: number;
  /** Files for the same Outlay, of owners that are gone, that were recorded with another key. */
  readonly strays: number;
}

export interface SpoolFolder {
  readonly dir: string;
  /** Makes the folder if need be. Throws when it cannot be used or is not ours alone. */
  readonly open: () => void;
  /** A new file of this client. Later ones sort behind earlier ones. */
  readonly newPath: () => string;
  /** The same file as nobody's: whoever comes next may take it. */
  readonly freePath: (path: string) => string;
  readonly findLeft: (nowMs: number) => LeftFiles;
  /** Ours from now on, under the new path; undefined when another was faster. */
  readonly claim: (path: string) => string | undefined;
}

/** `scope`: eight digits for where events go, eight for the key they go with. Nobody else's file is ever sent. */
export function createSpoolFolder(node: NodeParts, dir: string, scope: string, instance: string): SpoolFolder {
  const { fs } = node;
  const own = `${node.host}-${node.pid}-${node.startOf(node.pid) ?? ''}-${instance}`;
  let made = 0;

  function open(): void {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const stat = fs.lstatSync(dir);
    if (!stat.isDirectory()) throw new Error(`${dir} is not a folder`);
    if (node.uid === undefined) return;
    // In a folder that everybody may write to, somebody else may have been there first.
    if (stat.uid !== node.uid) throw new Error(`${dir} belongs to another user`);
    if ((stat.mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
  }

  const pathOf = (owner: string, order: string): string => node.join(dir, `${scope}.${owner}.${order}.jsonl`);
  const nextOrder = (): string => `${Date.now().toString(36)}${(made++).toString(36).padStart(4, '0')}`;
  const orderOf = (path: string): string => path.split('.').at(-2)!;

  function isLeft(owner: string, path: string, nowMs: number): boolean {
    if (owner === FREE) return true;
    const [host, pid, start] = owner.split('-');
    if (host !== node.host) return nowMs - fs.lstatSync(path).mtimeMs > FOREIGN_IDLE_MS;
    const now = node.startOf(Number(pid));
    return now === null || now !== start;
  }

  function findLeft(nowMs: number): LeftFiles {
    const paths: string[] = [];
    let bytes = 0;
    let strays = 0;
    for (const name of fs.readdirSync(dir)) {
      const [, theirs, owner] = FILE_FORM.exec(name) ?? [];
      if (theirs === undefined || owner === undefined || owner === own || theirs.slice(0, 8) !== scope.slice(0, 8)) continue;
      const path = node.join(dir, name);
      try {
        const { size } = fs.lstatSync(path);
        if (theirs === scope) bytes += size;
        if (!isLeft(owner, path, nowMs)) continue;
        if (theirs === scope) paths.push(path);
        else if (size > 0) strays += 1;
      } catch {
        // Gone meanwhile: another took it.
      }
    }
    return { paths: paths.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)), bytes, strays };
  }

  return {
    dir,
    open,
    newPath: () => pathOf(own, nextOrder()),
    freePath: (path) => pathOf(FREE, orderOf(path)),
    findLeft,
    claim(path) {
      const mine = pathOf(own, nextOrder());
      try {
        fs.renameSync(path, mine);
        return mine;
      } catch {
        return undefined;
      }
    },
  };
}
