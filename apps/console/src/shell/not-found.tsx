import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { buttonClass } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { usePageTitle } from '../ui/page';

export function NotFound() {
  usePageTitle('Not found');
  return (
    <main className="flex min-h-[70dvh] items-center justify-center">
      <EmptyState
        icon={Compass}
        heading="h1"
        title="There is no page at this address"
        actions={
          <Link to="/" className={buttonClass('primary')}>
            Go to Overview
          </Link>
        }
      >
        The link may be old, or a letter is missing.
      </EmptyState>
    </main>
  );
}
