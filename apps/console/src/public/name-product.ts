import { brand } from '../ui/brand';

/** Words are written with our own name in them; an installation under another name shows that one. */
export function nameProduct(text: string): string {
  return text.replaceAll('Outlay', brand.name);
}
