/** Opens the disk behind a client's queue, where the runtime has one. */
import { invalidOption } from './errors.js';
import { findNodeParts } from './node-parts.js';
import { createSpool, type Spool } from './spool.js';
import { createSpoolFolder } from './spool-folder.js';
import type { DeliverySettings, OutlayWarning } from './types.js';

const BYTES_MAX = 256 * 1024 * 1024;

/** Undefined on edges, and where `spoolDir` is false. Touches no file. Throws `invalid_option`. */
export function openSpool(
  { spoolDir, spoolName, maxSpoolBytes = BYTES_MAX }: DeliverySettings, url: string, apiKey: string, instance: string, warn: (warning: OutlayWarning) => void,
): Spool | undefined {
  if (spoolDir !== undefined && spoolDir !== false && (typeof spoolDir !== 'string' || spoolDir === '')) throw invalidOption('delivery.spoolDir', 'must be the path of a folder, or false.');
  if (typeof maxSpoolBytes !== 'number' || !(maxSpoolBytes > 0)) throw invalidOption('delivery.maxSpoolBytes', 'must be a number of bytes above 0.');
  const node = spoolDir === false ? undefined : findNodeParts();
  if (!node) return undefined;
  const dir = spoolDir || node.join(node.tmpdir(), `outlay-spool${node.uid === undefined ? '' : `-${node.uid}`}`);
  // A digest of the key, not the key: the file's name must not open anything.
  const scope = node.hash(url).slice(0, 8) + node.hash(spoolName === undefined ? `key ${apiKey}` : `name ${spoolName}`).slice(0, 8);
  return createSpool(node, createSpoolFolder(node, dir, scope, instance), maxSpoolBytes, warn);
}
