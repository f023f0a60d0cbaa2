export interface Device {
  readonly name: string;
  readonly phone: boolean;
}

// The order matters: Edge and Opera also say Chrome, and Chrome also says Safari.
const BROWSERS = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/HeadlessChrome\//, 'Headless Chrome'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
] as const;

const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
] as const;

/** A browser's own name for itself, in words that its owner recognises: `Firefox on Windows`. */
export function describeDevice(userAgent: string | null): Device {
  if (!userAgent) return { name: 'Unknown browser', phone: false };
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'Unknown browser';
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  return { name: system ? `${browser} on ${system}` : browser, phone: /iPhone|Android.*Mobile/.test(userAgent) };
}
