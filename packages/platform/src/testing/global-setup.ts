/** Runs once before the suite. */
export async function setup(): Promise<void> {}
