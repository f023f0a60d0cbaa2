/** Where the checkout's other parts stand, seen from `src/` and from the built `dist/` alike. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export const MIGRATIONS_DIR = join(ROOT, 'prisma', 'migrations');
export const CONSOLE_DIR = join(ROOT, 'apps', 'console', 'dist');
export const DEMO_MAIN = join(ROOT, 'apps', 'demo', 'dist', 'main.js');
/** The built program, for commands that start further processes of it. */
export const CLI_MAIN = join(ROOT, 'apps', 'cli', 'dist', 'main.js');
