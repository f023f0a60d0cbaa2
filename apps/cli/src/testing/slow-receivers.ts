/** A webhook receiver and a mail server that answer when the test says so, and know which process talks to them. */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What has reached a receiver whole, and waits for its answer. */
export interface Arrival {
  /** Of a webhook its `webhook-id`, of a letter its `Message-ID`. */
  readonly id: string;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the sender's end. */
  readonly senderPort: number;
  readonly receiverPort: number;
}

export interface SlowReceiver {
  readonly url: string;
  /** Everything that was answered with "taken". */
  readonly taken: Arrival[];
  close(): void;
}

/** Resolves with true to take it; what resolves with false is left without an answer. */
export type Decide = (arrival: Arrival) => Promise<boolean>;

export async function startSlowWebhook(decide: Decide): Promise<SlowReceiver> {
  const taken: Arrival[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    const { remotePort: senderPort = 0, localPort: receiverPort = 0 } = request.socket;
    request.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const arrival = { id: String(request.headers['webhook-id']), text: Buffer.concat(chunks).toString(), headers: request.headers, senderPort, receiverPort };
      void decide(arrival).then((takes) => {
        if (!takes) return;
        taken.push(arrival);
        response.writeHead(200, { connection: 'close' }).end();
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, taken, close: () => { server.close(); server.closeAllConnections(); } };
}

/** Just enough of RFC 5321 for one sender. */
export async function startSlowMailServer(decide: Decide): Promise<SlowReceiver> {
  const taken: Arrival[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let [waiting, inData] = ['', false];
    const say = (line: string): boolean => socket.write(`${line}\r\n`);
    const onLetter = (text: string): void => {
      const arrival = { id: /^Message-ID: (.*)$/im.exec(text)?.[1] ?? '', text, headers: {}, senderPort: socket.remotePort ?? 0, receiverPort: socket.localPort ?? 0 };
      void decide(arrival).then((takes) => {
        if (!takes) return;
        taken.push(arrival);
        say('250 taken');
      });
    };
    socket.on('error', () => {}).on('close', () => open.delete(socket)).on('data', (bytes) => {
      waiting += bytes.toString();
      for (;;) {
        const end = inData ? '\r\n.\r\n' : '\r\n';
        const at = waiting.indexOf(end);
        if (at < 0) return;
        const piece = waiting.slice(0, at);
        waiting = waiting.slice(at + end.length);
        if (inData) onLetter(piece);
        else if (/^QUIT/i.test(piece)) socket.end('221 bye\r\n');
        else say(/^DATA/i.test(piece) ? '354 go on' : '250 ok');
        inData = !inData && /^DATA/i.test(piece);
      }
    });
    say('220 slow');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, taken, close: () => { server.close(); for (const socket of open) socket.destroy(); } };
}

/** Which of these processes holds the sender's end of a connection, by what Linux knows of it. */
export function findSender(pids: readonly number[], { senderPort, receiverPort }: Pick<Arrival, 'senderPort' | 'receiverPort'>): number | undefined {
  const [from, to] = [senderPort, receiverPort].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  const inode = readFileSync('/proc/net/tcp', 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).find((columns) => columns[1]?.endsWith(from!) && columns[2]?.endsWith(to!))?.[9];
  const holds = (pid: number): boolean => readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      // Closed since the folder was read.
      return false;
    }
  });
  return pids.find(holds);
}
