/** Requests of the console are small: a larger file goes as gzip in base64, which the server unpacks. */
const PLAIN_MAX = 200_000;

export async function packText(text: string): Promise<{ readonly text: string } | { readonly upload: string }> {
  if (new TextEncoder().encode(text).length <= PLAIN_MAX) return { text };
  const packed = new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
  let binary = '';
  for (const byte of packed) binary += String.fromCharCode(byte);
  return { upload: btoa(binary) };
}
