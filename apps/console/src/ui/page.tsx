import { useEffect, type ReactNode } from 'react';
import { brand } from './brand';
import { cx } from './cx';

/** Sets the tab's title. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${brand.name}`;
  }, [title]);
}

/** How wide a page's content may grow. Header and body of a page take the same, so that their edges meet. */
export type PageWidth = 'wide' | 'medium' | 'narrow';

const WIDTHS: Record<PageWidth, string> = { wide: 'max-w-[100rem]', medium: 'max-w-6xl', narrow: 'max-w-4xl' };

interface PageHeaderProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** Beside the title: freshness. */
  readonly status?: ReactNode;
  readonly actions?: ReactNode;
  /** Under the title: filters. */
  readonly children?: ReactNode;
  readonly sticky?: boolean;
  /** Absent, the header spans the window, as a table does that reaches both edges. */
  readonly width?: PageWidth;
}

/** The bar at the top of a page. It stays while the page scrolls, so that filters and freshness are always in sight. */
export function PageHeader({ title, description, status, actions, children, sticky = true, width }: PageHeaderProps) {
  usePageTitle(title);
  return (
    <header className={cx('z-20 bg-canvas/90 backdrop-blur-md', sticky && 'sticky top-(--shell-top)', (sticky || Boolean(children)) && 'border-b border-line')}>
      <div className={cx('flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 sm:px-6', width && `mx-auto w-full ${WIDTHS[width]}`)}>
        <h1 className="text-lg font-semibold text-ink">{title}</h1>
        {status}
        {description ? <p className="w-full text-sm text-ink-2 sm:w-auto">{description}</p> : null}
        {actions ? <div className="ml-auto flex items-center gap-2">{actions}</div> : null}
      </div>
      {children ? <div className={cx('px-4 pb-3 sm:px-6', width && `mx-auto w-full ${WIDTHS[width]}`)}>{children}</div> : null}
    </header>
  );
}

export function PageBody({ width = 'wide', className, children }: { readonly width?: PageWidth; readonly className?: string; readonly children: ReactNode }) {
  return <div className={cx('mx-auto w-full px-4 py-5 sm:px-6 sm:py-6', WIDTHS[width], className)}>{children}</div>;
}
