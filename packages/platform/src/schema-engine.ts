/** Prisma's schema engine as WebAssembly: applies migrations and compares schemas without a downloaded binary. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type pg from 'pg';

interface EngineModule {
  readonly SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
}

let loading: Promise<EngineModule> | undefined;

/** The package's own entry imports its .wasm as a module, which Node cannot do, so it is linked by hand. */
async function loadEngine(): Promise<EngineModule> {
  loading ??= (async () => {
    const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const engine = (await import(/* @vite-ignore */ pathToFileURL(glue).href)) as EngineModule;
    const bytes = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'));
    // The engine never clears the 10 s timer of its own lock, which would keep a finished `outlay migrate` from ending.
    const imports: WebAssembly.ModuleImports = Object.fromEntries(Object.entries(engine).map(([name, value]) =>
      [name, name.startsWith('__wbg_setTimeout_') ? (run: () => void, ms: number) => setTimeout(run, ms).unref() : value as WebAssembly.ImportValue]));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': imports });
    engine.__wbg_set_wasm(instance.exports);
    (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
    return engine;
  })();
  return await loading;
}

/** What the engine runs on: the database itself, and a fresh one that it may fill to compare. */
export interface EngineConnections {
  readonly main: pg.Pool;
  /** Opens a pool to an empty database; called once a comparison. */
  readonly openShadow: () => Promise<pg.Pool>;
}

/** Runs `use` with an engine. */
export async function withSchemaEngine<T>(connections: EngineConnections, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const engineModule = await loadEngine();
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => await openAdapter(connections.main),
    connectToShadowDb: async () => await openAdapter(await connections.openShadow()),
  };
  const engine = await engineModule.SchemaEngine.new({ datamodels: undefined }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
  try {
    return await use(engine);
  } finally {
    engine.free();
  }
}

async function openAdapter(pool: pg.Pool): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaPg(pool).connect();
  return Object.assign(adapter, {
    // PrismaPg cuts scripts at every semicolon, also within the bodies of functions. Sent whole, Postgres cuts them itself.
    executeScript: async (script: string) => {
      await pool.query(script);
    },
  });
}
