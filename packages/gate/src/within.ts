/** Waits for work, but not for ever: false when it takes longer, and it goes on all the same. Errors of the work are told as they are. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return await Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
