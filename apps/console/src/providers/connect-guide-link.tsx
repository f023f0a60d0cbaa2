import { Link } from '@tanstack/react-router';
import { GUIDES } from '../docs/guides';

const GUIDE = GUIDES.find(({ title }) => title === 'Connect a provider');

/** To the guide that walks through each provider. */
export function ConnectGuideLink() {
  if (!GUIDE) return null;
  return (
    <Link to="/docs/$guide" params={{ guide: GUIDE.slug }} className="rounded-xs font-medium text-accent underline-offset-4 hover:underline">
      Connect a provider, step by step
    </Link>
  );
}
