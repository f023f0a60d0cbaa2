import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `check` answers something truthy, and returns it; fails after `deadlineMs` naming what it waited for. */
export async function until<T>(what: string, check: () => T | Promise<T>, deadlineMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await check();
    if (value) return value as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for: ${what}`);
    await delay(20);
  }
}
