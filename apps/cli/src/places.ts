/** Where the checkout's other parts stand, seen from `src/` and from the built `dist/` alike. */
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export const MIGRATIONS_DIR = join(ROOT, 'prisma', 'migrations');
export const CONSOLE_DIR = join(ROOT, 'apps', 'console', 'dist');
/** For the workshop: what walks through every page. */
export const CONSOLE_SOURCE = join(ROOT, 'apps', 'console', 'src');
export const SCREENS_DIR = join(ROOT, '.screens');
export const DEMO_MAIN = join(ROOT, 'apps', 'demo', 'dist', 'main.js');
/** The built program, for commands that start further processes of it. */
export const CLI_MAIN = join(ROOT, 'apps', 'cli', 'dist', 'main.js');
/** A public trace of requests that the bench of the spike detector reads where somebody put it beside the checkout. */
export const TRACE_FILE = join(ROOT, '..', 'shared', 'data', 'traces', 'AzureLLMInferenceTrace_conv.csv');
