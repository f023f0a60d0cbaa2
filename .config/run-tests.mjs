/** `npm test`: runs vitest, names what was skipped and why, and closes with one plain line of counts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'outlay-tests-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(process.execPath, [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', join(root, '.config', 'vitest.config.ts'),
  '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2),
], { cwd: root, stdio: 'inherit' });

let counts = { passed: 0, failed: 1 };
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  counts = { passed: result.numPassedTests, failed: result.numFailedTests + result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')).length };
  const skipped = result.testResults.flatMap((file) => file.assertionResults.filter((test) => test.status === 'skipped' || test.status === 'pending').map((test) => test.fullName));
  for (const name of skipped) console.log(`skipped: ${name}`);
} catch (error) {
  console.error(`No test report was written: ${error.message}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = status === 0 && counts.failed === 0 ? 0 : 1;
