import { expect, it } from 'vitest';
import { createDeadline } from './deadline';

const late = (): Error => new Error('late');

it('hands over an answer and an error that come in time, and says of the others that they are late', async () => {
  const deadline = createDeadline(20, late, () => performance.now());
  await expect(deadline.of(Promise.resolve(7))).resolves.toBe(7);
  await expect(deadline.of(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const never = new Promise<never>(() => undefined);
  const fromMs = performance.now();
  await Promise.all([expect(deadline.of(never)).rejects.toThrow('late'), expect(deadline.of(never)).rejects.toThrow('late')]);
  expect(performance.now() - fromMs).toBeGreaterThanOrEqual(19);
  // And once more, with a timer of its own.
  await expect(deadline.of(never)).rejects.toThrow('late');
});
