import { useShownTheme } from '../shell/theme';
import { cx } from '../ui/cx';

interface ThemePictureProps {
  /** A pair of files in `public/pictures/`: NAME-light.webp and NAME-dark.webp, made by `npm run screens -- --pictures`. */
  readonly name: string;
  /** What is to be seen, for who does not see it. */
  readonly alt: string;
  /** Of the file, so that the page keeps its place while the picture loads. */
  readonly width: number;
  readonly height: number;
  /** The first thing on the page: not put off. */
  readonly first?: boolean;
  readonly className?: string;
}

/** A picture of the product itself, in the theme that the reader has on. */
export function ThemePicture({ name, alt, width, height, first = false, className }: ThemePictureProps) {
  const theme = useShownTheme();
  return (
    <img
      src={`/pictures/${name}-${theme}.webp`}
      alt={alt}
      width={width}
      height={height}
      loading={first ? 'eager' : 'lazy'}
      fetchPriority={first ? 'high' : 'auto'}
      decoding="async"
      className={cx('block h-auto w-full bg-surface', className)}
    />
  );
}
