import { Redis } from 'ioredis';
import { startTestRedis } from './redis-server';
import { until } from './until';

export interface TestRedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  close(): Promise<void>;
}

const SLOTS = 16_384;

/** A real cluster of three masters on loopback, in memory only. Needs Redis 7. */
export async function startTestRedisCluster(): Promise<TestRedisCluster> {
  const servers = await Promise.all([0, 1, 2].map(() => startTestRedis({ cluster: true })));
  const nodes = servers.map(({ url }) => ({ host: '127.0.0.1', port: Number(new URL(url).port) }));
  const clients = servers.map(({ url }) => new Redis(url));
  for (const [i, client] of clients.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(Math.floor((i * SLOTS) / 3)), String(Math.floor(((i + 1) * SLOTS) / 3) - 1));
    // Two nodes that chose the same epoch would agree only slowly.
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const { url, busPort } of servers.slice(1)) await clients[0]!.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, String(busPort));
  for (const client of clients) {
    await until('a cluster of three', async () => {
      const info = String(await client.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3') && info.includes(`cluster_slots_ok:${SLOTS}`);
    });
    client.disconnect();
  }
  return { nodes, close: async () => void await Promise.all(servers.map((server) => server.close())) };
}
