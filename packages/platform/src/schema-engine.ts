/** Prisma's schema engine as WebAssembly: applies migrations and compares schemas without a downloaded binary. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, type SqlDriverAdapter, type SqlMigrationAwareDriverAdapterFactory, type SqlQuery } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import { types, type Pool, type QueryArrayResult } from 'pg';

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
    const { __wbg_set_wasm: setWasm } = engine;
    setWasm(instance.exports);
    const { __wbindgen_start: start } = instance.exports as { __wbindgen_start(): void };
    start();
    return engine;
  })();
  return await loading;
}

/** What the engine runs on: the database itself, and a fresh one that it may fill to compare. */
export interface EngineConnections {
  readonly main: Pool;
  /** Opens a pool to an empty database; called once a comparison. */
  readonly openShadow: () => Promise<Pool>;
}

/** Runs `use` with an engine. When a script fails, its own database error is thrown instead of the engine's report. */
export async function withSchemaEngine<T>(connections: EngineConnections, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const engineModule = await loadEngine();
  // The engine connects anew for each migration, and each adapter listens to the same pool for as long as that lives: no leak, whatever their number.
  connections.main.setMaxListeners(0);
  const failures: unknown[] = [];
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => await openAdapter(connections.main, failures),
    connectToShadowDb: async () => await openAdapter(await connections.openShadow(), failures),
  };
  const engine = await engineModule.SchemaEngine.new({ datamodels: undefined }, () => {}, bindMigrationAwareSqlAdapterFactory(factory));
  try {
    return await use(engine);
  } catch (error) {
    throw failures[0] ?? error;
  } finally {
    engine.free();
  }
}

async function openAdapter(pool: Pool, failures: unknown[]): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaPg(pool).connect();
  const queryRaw = adapter.queryRaw;
  const { performIO } = adapter as unknown as { performIO(query: SqlQuery): Promise<QueryArrayResult> };
  return Object.assign(adapter, {
    // PrismaPg knows no "char", the type of many catalogue columns: read as text, then called what it is.
    queryRaw: async (query: SqlQuery) => {
      let isChar: boolean[] = [];
      const reader = Object.assign(Object.create(adapter) as typeof adapter, {
        performIO: async (inner: SqlQuery) => {
          const result = await performIO.call(adapter, inner);
          isChar = result.fields.map((field) => field.dataTypeID === types.builtins.CHAR);
          return { ...result, fields: result.fields.map((field, n) => (isChar[n] ? { ...field, dataTypeID: types.builtins.TEXT } : field)) };
        },
      });
      const set = await queryRaw.call(reader, query);
      return { ...set, columnTypes: set.columnTypes.map((type, n) => (isChar[n] ? ColumnTypeEnum.Character : type)) };
    },
    // PrismaPg cuts scripts at every semicolon, also within the bodies of functions. Sent whole, Postgres cuts them itself.
    executeScript: async (script: string) => {
      try {
        await pool.query(script);
      } catch (error) {
        failures.push(error);
        throw error;
      }
    },
  });
}
