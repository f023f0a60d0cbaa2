/**
 * Which process a stored pid means. A pid alone lies: after a crash or in a new container the same number belongs to
 * somebody else. With its start time it names one process for ever.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';

/** An opaque text that only this very process run has, or undefined when no such process lives. */
export function processIdentity(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command name, in brackets, may hold spaces; after it come state (field 3) .. starttime (field 22).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') return undefined;
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${pid}/${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') return String(pid);
  return `${pid}/${psField(pid, 'lstart')}`;
}

/** True when the process is a Postgres server that runs on this very data directory. */
export function isPostgresOf(pid: number, pgData: string): boolean {
  if (processIdentity(pid) === undefined) return false;
  try {
    // A postmaster's working directory is its data directory.
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(pgData);
    if (process.platform === 'win32') return execFileSync('tasklist', ['/FI', `PID eq ${pid}`], { encoding: 'utf8' }).includes('postgres');
    return psField(pid, 'command').includes(pgData);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function psField(pid: number, field: 'lstart' | 'command'): string {
  return execFileSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}
