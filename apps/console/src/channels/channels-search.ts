/** What stands in the URL of the channels: the log narrowed to one of them. */
export interface ChannelsSearch {
  readonly channel?: string;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function parseChannelsSearch(raw: Record<string, unknown>): ChannelsSearch {
  return typeof raw['channel'] === 'string' && UUID.test(raw['channel']) ? { channel: raw['channel'] } : {};
}
