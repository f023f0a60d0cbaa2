import { brand } from '../ui/brand';
import { cx } from '../ui/cx';

export function LogoMark({ className }: { readonly className?: string }) {
  if (brand.logo) return <img src={brand.logo} alt="" width={32} height={32} className={cx('shrink-0 object-contain', className)} />;
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={cx('shrink-0', className)}>
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path d="M8 10.5h16M8 16h10.5M8 21.5h6" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round" />
      <circle cx="22.5" cy="19.75" r="3.25" fill="none" stroke="var(--on-accent)" strokeWidth="2.5" />
    </svg>
  );
}

export function Logo({ className }: { readonly className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-2.5', className)}>
      <LogoMark className="size-7" />
      <span className="text-md font-semibold tracking-tight text-ink">{brand.name}</span>
    </span>
  );
}
