import { aiUsage } from '../ai-usage/client';
import { ChatPage } from './chat-page';

export const dynamic = 'force-dynamic';

/** On the server: the token is made here, the API key stays here. */
export default async function Page() {
  const customerId = 'acme';
  return <ChatPage customerId={customerId} token={await aiUsage.createCustomerToken({ customerId, ttlSeconds: 600 })} />;
}
