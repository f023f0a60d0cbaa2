import type { ReactNode } from 'react';
import { Logo } from '../shell/logo';
import { usePageTitle } from '../ui/page';
import { SampleReceipt } from './sample-receipt';

interface AccountLayoutProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** The pages before the console: the form on one side; on wide screens, what the product is about on the other. */
export function AccountLayout({ title, description, footer, children }: AccountLayoutProps) {
  usePageTitle(title);
  return (
    <div className="grid min-h-dvh bg-surface lg:grid-cols-[minmax(0,1fr)_minmax(0,1.05fr)]">
      <main className="flex flex-col px-5 py-6 sm:px-10">
        <Logo />
        <div className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-10">
          <h1 className="text-2xl font-semibold text-ink">{title}</h1>
          {description ? <p className="mt-2 text-base text-ink-2">{description}</p> : null}
          <div className="mt-7">{children}</div>
          {footer ? <div className="mt-6 text-sm text-ink-2">{footer}</div> : null}
        </div>
      </main>
      <aside className="relative hidden items-center justify-center overflow-hidden border-l border-line bg-canvas p-12 lg:flex">
        <SampleReceipt />
      </aside>
    </div>
  );
}

/** The look of a link within text. */
export const TEXT_LINK = 'font-medium text-accent underline-offset-4 hover:underline';
