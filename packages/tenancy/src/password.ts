/** Passwords: argon2id with the parameters that OWASP recommends (19 MiB, 2 passes, 1 lane), a bounded number at a time. */
import { hash, verify } from '@node-rs/argon2';
import { tooMany } from './attempt-limits';

// Argon2id is the library's default algorithm; its own enum is not importable under isolatedModules.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

// Hashing runs on the thread pool that files and DNS share: never take all of it, and let no queue grow without bound.
const AT_ONCE = 2;
const WAITING_MAX = 200;

let running = 0;
const waiting: (() => void)[] = [];

export async function hashPassword(password: string): Promise<string> {
  return await inTurn(() => hash(password.normalize('NFKC'), PARAMETERS));
}

/**
 * True when the password is that of the hash. Without a hash (nobody has this e-mail) it takes the same time and is
 * false, so that the answer's time does not tell who has an account.
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const against = passwordHash ?? (await strangerHash());
  const matches = await inTurn(() => verify(against, password.normalize('NFKC')));
  return matches && passwordHash !== null;
}

let stranger: Promise<string> | undefined;

function strangerHash(): Promise<string> {
  stranger ??= hashPassword('the password of nobody');
  return stranger;
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING_MAX) throw tooMany(5_000);
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    // The turn is handed over rather than given back, so that nobody slips in between.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
