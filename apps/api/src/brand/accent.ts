/** One colour of a brand becomes the accents of both themes, or a sentence why it cannot. Pure. */
import { err, ok, type Result } from '@outlay/kernel';

type Triple = readonly [number, number, number];

/** The tokens of `apps/console/src/styles/tokens.css` that an accent decides, as CSS colours. */
export interface AccentTokens {
  readonly light: Readonly<Record<string, string>>;
  readonly dark: Readonly<Record<string, string>>;
}

/** WCAG AA for text of ordinary size. */
const CONTRAST_MIN = 4.5;
const WHITE: Triple = [1, 1, 1];

/** `#2f6f4f`, with which texts, links and buttons are drawn on light ground. Errors: a sentence that names what is wrong and what to do. */
export function accentTokens(hex: string): Result<AccentTokens, string> {
  const rgb = parseHex(hex);
  if (!rgb) return err(`"${hex}" is no colour. Write it as # and six hexadecimal digits, such as #2f6f4f.`);
  const [lightness, chroma, hue] = oklchOf(rgb);
  const soft = `${round(Math.min(chroma, 0.022))} ${round(hue)}`;
  const ground = linearOf([0.955, Math.min(chroma, 0.022), hue]);
  const contrast = Math.min(contrastOf(linear(rgb), WHITE), contrastOf(linear(rgb), ground));
  if (contrast < CONTRAST_MIN) {
    return err(`${hex} is too light: texts and links in it would have a contrast of ${(Math.floor(contrast * 10) / 10).toFixed(1)}:1 on light ground, and people need ${CONTRAST_MIN}:1. Choose a darker shade of it.`);
  }
  const colour = (l: number, c: number): string => `oklch(${round(l)} ${round(c)} ${round(hue)})`;
  return ok({
    light: {
      accent: hex.toLowerCase(), 'accent-strong': colour(Math.max(lightness - 0.06, 0), chroma), 'accent-soft': `oklch(0.955 ${soft})`,
      'accent-line': colour(0.86, Math.min(chroma, 0.06)), 'on-accent': '#ffffff',
    },
    // On dark ground the same hue, as light as our own accent is there.
    dark: {
      accent: colour(0.735, Math.min(chroma, 0.125)), 'accent-strong': colour(0.8, Math.min(chroma, 0.1)), 'accent-soft': colour(0.285, Math.min(chroma, 0.055)),
      'accent-line': colour(0.42, Math.min(chroma, 0.09)), 'on-accent': colour(0.17, Math.min(chroma, 0.02)),
    },
  });
}

/** The sheet that stands behind the console's own; doubled selectors win over its. */
export function accentCss({ light, dark }: AccentTokens): string {
  const rules = (tokens: Readonly<Record<string, string>>) => Object.entries(tokens).map(([name, value]) => `--${name}:${value}`).join(';');
  return `:root:root{${rules(light)}}\n:root[data-theme='dark']{${rules(dark)}}\n`;
}

function parseHex(hex: string): Triple | null {
  const digits = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex);
  return digits && [parseInt(digits[1]!, 16) / 255, parseInt(digits[2]!, 16) / 255, parseInt(digits[3]!, 16) / 255];
}

function linear(rgb: Triple): Triple {
  const [r, g, b] = rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return [r!, g!, b!];
}

/** Of two colours in linear light, by WCAG. */
function contrastOf(a: Triple, b: Triple): number {
  const luminance = ([r, g, b_]: Triple) => 0.2126 * r + 0.7152 * g + 0.0722 * b_;
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Lightness 0-1, chroma, hue in degrees (Björn Ottosson's Oklab). */
function oklchOf(rgb: Triple): Triple {
  const [r, g, b] = linear(rgb);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, Math.hypot(A, B), ((Math.atan2(B, A) * 180) / Math.PI + 360) % 360];
}

/** Back into linear light; outside of what a screen shows it is cut off. */
function linearOf([L, chroma, hue]: Triple): Triple {
  const A = chroma * Math.cos((hue * Math.PI) / 180);
  const B = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  const cut = (value: number) => Math.min(Math.max(value, 0), 1);
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s), cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s), cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
