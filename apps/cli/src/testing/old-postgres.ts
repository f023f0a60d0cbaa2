/** Just enough of a Postgres server to say that it is too old: nobody has one of these at hand. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const int16 = (value: number): Buffer => { const b = Buffer.alloc(2); b.writeInt16BE(value); return b; };
const int32 = (value: number): Buffer => { const b = Buffer.alloc(4); b.writeInt32BE(value); return b; };
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Whatever is asked, the answer is one row: its version. */
export async function startOldPostgres(number: number, version: string): Promise<{ url: string; close(): void }> {
  const INT4 = 23;
  const TEXT = 25;
  const column = (name: string, type: number): Buffer => Buffer.concat([text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
  const value = (content: string): Buffer => Buffer.concat([int32(Buffer.byteLength(content)), Buffer.from(content)]);
  const ready = message('Z', Buffer.from('I'));
  const answer = Buffer.concat([
    message('T', int16(2), column('number', INT4), column('version', TEXT)), message('D', int16(2), value(String(number)), value(version)), message('C', text('SELECT 1')), ready,
  ]);
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    let greeted = false;
    socket.on('data', (bytes) => {
      if (!greeted) socket.write(Buffer.concat([message('R', int32(0)), message('S', text('server_version'), text(version)), ready]));
      else if (bytes[0] === 'Q'.charCodeAt(0)) socket.write(answer);
      else socket.end();
      greeted = true;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `postgres://somebody:secret@127.0.0.1:${(server.address() as { port: number }).port}/outlay`, close: () => server.close() };
}
