import { fileURLToPath } from 'node:url';
import { runnerImport, type Plugin } from 'vite';
import { z } from 'zod';

export interface EnvSetting {
  readonly name: string;
  /** What holds when it is absent; undefined where nothing does. */
  readonly fallback: string | undefined;
  /** `number`, `URL`, one of a few words, or `text`. */
  readonly form: string;
  readonly meaning: string;
}

export interface EnvGroup {
  readonly program: string;
  readonly settings: readonly EnvSetting[];
}

const MODULE = 'virtual:env-settings';
const PROGRAMS = [
  { program: 'outlay', file: fileURLToPath(new URL('../cli/src/env.ts', import.meta.url)) },
  { program: 'demo', file: fileURLToPath(new URL('../demo/src/env.ts', import.meta.url)) },
] as const;

/** Every variable that the apps read, from the schemas that read them. Throws when one has no description. */
export async function describeEnv(): Promise<EnvGroup[]> {
  return await Promise.all(PROGRAMS.map(async ({ program, file }) => {
    const { module } = await runnerImport<{ readonly envSchema: z.ZodObject }>(file, { configFile: false, logLevel: 'error' });
    const { properties = {} } = z.toJSONSchema(module.envSchema, { io: 'input' });
    return { program, settings: Object.entries(properties).map(([name, property]) => describeSetting(name, property as z.core.JSONSchema.JSONSchema)) };
  }));
}

function describeSetting(name: string, property: z.core.JSONSchema.JSONSchema): EnvSetting {
  if (!property.description) throw new Error(`${name} has no description: add .describe() in env.ts, the handoff guide prints it.`);
  const form = property.enum ? property.enum.join(', ') : property.format === 'uri' ? 'URL' : property.type === 'integer' || property.type === 'number' ? 'number' : property.type === 'boolean' ? 'true or false' : 'text';
  const fallback = property.default === undefined || property.default === '' ? undefined : String(property.default);
  return { name, fallback, form, meaning: property.description };
}

/** `import { ENV_GROUPS } from 'virtual:env-settings'`: made while building, so that the guide cannot say something else than the code. */
export function envSettings(): Plugin {
  const resolved = `\0${MODULE}`;
  return {
    name: 'outlay-env-settings',
    resolveId: (id) => (id === MODULE ? resolved : undefined),
    load: async (id) => (id === resolved ? `export const ENV_GROUPS = ${JSON.stringify(await describeEnv())};` : undefined),
  };
}
