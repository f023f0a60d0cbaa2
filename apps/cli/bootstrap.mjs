/**
 * The only thing that runs before anything is installed: plain Node, no dependency. It brings the pinned pnpm, installs by lock file,
 * generates the Prisma client, builds what changed, then runs the asked command. Re-runs with nothing changed skip every step.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tools = join(root, '.tools');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [command = 'start', ...args] = process.argv.slice(2);
// Tools that phone home are told not to: a self-hosted product starts without asking anybody.
const quietEnv = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };

// Standard output is the asked command's alone: `npm run -s outlay -- price` is a filter.
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(file, fileArgs, { what, quiet = false, env = {} } = {}) {
  const result = spawnSync(file, fileArgs, { cwd: root, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', env: { ...quietEnv, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  if (what) stop(`${what} failed${result.error ? `: ${result.error.message}` : ''}.`);
  process.exit(result.status ?? 1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Outlay needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

/** The pinned pnpm in a folder of its own: nothing global is touched. */
function ensurePnpm() {
  const version = manifest.packageManager.replace('pnpm@', '');
  const home = join(tools, `pnpm-${version}`);
  const file = join(home, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs');
  if (!existsSync(file)) {
    console.error(`Fetching pnpm ${version} ...`);
    mkdirSync(home, { recursive: true });
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    run(npm, ['install', '--prefix', home, '--no-audit', '--no-fund', '--no-save', '--loglevel=error', `pnpm@${version}`], { what: 'Fetching pnpm', quiet: true });
  }
  return file;
}

function hashOf(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Runs a step unless its inputs are what they were when it last succeeded. */
function onceFor(name, key, step) {
  const stamp = join(tools, `${name}.stamp`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  step();
  mkdirSync(tools, { recursive: true });
  writeFileSync(stamp, key);
}

function packageFolders() {
  return ['apps', 'packages'].flatMap((group) => readdirSync(join(root, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, group, entry.name, 'package.json'))).map((entry) => `${group}/${entry.name}`));
}

// node_modules is ours to make again; nobody is there to be asked.
const QUIETLY = ['--reporter=append-only', '--config.confirm-modules-purge=false'];

function install() {
  const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...packageFolders().map((folder) => `${folder}/package.json`)];
  const key = hashOf(manifests) + existsSync(join(root, 'node_modules', '.modules.yaml'));
  onceFor('install', key, () => {
    console.error('Installing packages by lock file (the first time takes about a minute) ...');
    run(process.execPath, [ensurePnpm(), 'install', '--frozen-lockfile', ...QUIETLY], { what: 'Installing packages', quiet: true });
  });
}

function build() {
  run(process.execPath, [join('packages', 'platform', 'generate.mjs')], { what: 'Generating the Prisma client', quiet: true });
  // Turbo looks for pnpm by name.
  const path = [join(dirname(ensurePnpm()), '..', '..', '.bin'), process.env.PATH].join(delimiter);
  run(process.execPath, [join('node_modules', 'turbo', 'bin', 'turbo'), 'run', 'build', '--output-logs=errors-only', '--no-color'], { what: 'Building', quiet: true, env: { PATH: path } });
}

/** Runs a built program inside this process, so that Ctrl-C and signals reach it directly. */
async function become(file, argv) {
  process.argv = [process.execPath, join(root, file), ...argv];
  await import(pathToFileURL(join(root, file)).href);
}

function bin(name) {
  return join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
}

const commands = {
  start: () => become('apps/cli/dist/main.js', ['start', ...args]),
  outlay: () => become('apps/cli/dist/main.js', args),
  bench: () => become('apps/cli/dist/main.js', ['bench', ...args]),
  screens: () => become('apps/cli/dist/main.js', ['screens', ...args]),
  demo: () => become('apps/cli/dist/main.js', ['demo', ...args]),
  dev: () => become('apps/cli/dist/main.js', ['start', ...args]),
  build: () => {
    // For an image: what only building needs goes. The bundle holds our own packages, so their folders need not be there to run.
    if (args.includes('--production')) {
      // What a later command of this checkout needs is then no longer there.
      rmSync(join(tools, 'install.stamp'), { force: true });
      run(process.execPath, [ensurePnpm(), 'install', '--prod', '--frozen-lockfile', '--offline', '--ignore-scripts', ...QUIETLY], { what: 'Leaving out what only building needs', quiet: true });
    }
    console.log('Built.');
  },
  test: () => become('.config/run-tests.mjs', args),
  verify: () => {
    run(bin('oxlint'), ['--config', '.oxlintrc.json', '--deny-warnings', 'apps', 'packages'], { what: 'Lint' });
    run(bin('tsc'), ['-p', '.config/tsconfig.json'], { what: 'Typecheck' });
    run(bin('tsc'), ['-p', 'apps/console/tsconfig.json'], { what: 'Typecheck of the console' });
    run(bin('knip'), ['--config', '.config/knip.json'], { what: 'knip' });
    console.log('Lint, types and dead code: fine.');
  },
};

checkNode();
if (!(command in commands)) stop(`There is no command "${command}". Use one of ${Object.keys(commands).join(', ')}.`);
install();
if (command !== 'verify') build();
else run(process.execPath, [join('packages', 'platform', 'generate.mjs')], { what: 'Generating the Prisma client', quiet: true });
await commands[command]();
