/** Redis, only when REDIS_URL asks for it. */
import { Redis } from 'ioredis';
import { DomainError } from '@outlay/kernel';

const REDIS_MAJOR_MIN = 6;

export interface RedisOptions {
  /** Told when the connection breaks; it is made again by itself. */
  readonly log?: (sentence: string, error: Error) => void;
}

/**
 * Connects and proves that the server answers and is new enough. Commands wait while the connection is made again, so that a
 * restart of Redis delays work and loses none. Errors: `unavailable` with one sentence.
 */
export async function openRedis(redisUrl: string, { log }: RedisOptions = {}): Promise<Redis> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: 5_000,
    // BullMQ's blocking reads must not give up after a number of tries.
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 100, 3_000),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
    log?.('The Redis connection broke; it is made again.', error);
  });
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '0';
    if (Number.parseInt(version, 10) < REDIS_MAJOR_MIN) {
      throw new DomainError('unavailable', { message: `Redis at ${redisName(redisUrl)} is version ${version}; Outlay needs ${REDIS_MAJOR_MIN} or newer.` });
    }
    return redis;
  } catch (error) {
    redis.disconnect();
    if (error instanceof DomainError) throw error;
    const cause = last ?? error;
    throw new DomainError('unavailable', {
      message: `Redis at ${redisName(redisUrl)} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}. Check REDIS_URL and that it runs, or unset REDIS_URL.`,
      cause,
    });
  }
}

/** Host and port of a URL, for messages: never its password. */
export function redisName(redisUrl: string): string {
  return URL.canParse(redisUrl) ? new URL(redisUrl).host : 'REDIS_URL (which is not a URL)';
}
