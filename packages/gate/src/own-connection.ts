/** A connection of the gate's own, made again when it breaks. For a process that is alone by its data folder, or whose decisions stand in Redis: nobody else decides while it is away. */
import type { Database } from '@outlay/platform';
import type { Client } from 'pg';
import type { GateConnection } from './journal';

export function createOwnConnection(db: Database): GateConnection {
  let current: Promise<Client> | null = null;
  const open = (): Promise<Client> => {
    const opening = db.connectAs('outlay_app');
    current = opening;
    const forget = (): void => {
      if (current === opening) current = null;
    };
    opening.then((client) => client.once('end', forget), forget);
    return opening;
  };
  return {
    epoch: 0,
    client: () => current ?? open(),
    close: async () => {
      const client = await current?.catch(() => null);
      current = null;
      await client?.end();
    },
  };
}
