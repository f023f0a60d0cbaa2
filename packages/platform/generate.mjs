/**
 * Generates the Prisma client from prisma/schema into packages/platform/generated, once a change: a stamp holds the hash of
 * everything the result depends on, so that a second run costs a few milliseconds.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDir = dirname(fileURLToPath(import.meta.url));
const schemaDir = join(packageDir, '../../prisma/schema');
const generatedDir = join(packageDir, 'generated');
const stampFile = join(generatedDir, '.stamp');

const require = createRequire(import.meta.url);
const prismaPackage = require.resolve('prisma/package.json');

const hash = createHash('sha256');
hash.update(readFileSync(fileURLToPath(import.meta.url)));
hash.update(JSON.parse(readFileSync(prismaPackage, 'utf8')).version);
for (const name of readdirSync(schemaDir).filter((file) => file.endsWith('.prisma')).sort()) {
  hash.update(`\n${name}\n`).update(readFileSync(join(schemaDir, name)));
}
const stamp = hash.digest('hex');

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  const result = spawnSync(process.execPath, [join(dirname(prismaPackage), 'build/index.js'), 'generate', `--schema=${schemaDir}`, '--no-hints'], {
    cwd: packageDir,
    encoding: 'utf8',
    env: {
      ...process.env,
      // Generating never runs this engine, but without it prisma wants to download one. Any executable will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (result.status !== 0) {
    process.stderr.write(`The Prisma client could not be generated.\n${result.stdout}${result.stderr}`);
    process.exit(1);
  }
  writeFileSync(stampFile, stamp);
}
