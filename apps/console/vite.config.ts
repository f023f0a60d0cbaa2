import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressFiles } from './compress-files';
import { envSettings } from './describe-env';
import { packSdk } from './pack-sdk';

/** The api that `vite` (development) talks to: the one of `npm start`. */
const API_ORIGIN = 'http://localhost:4400';

export default defineConfig({
  resolve: {
    alias: { 'react-remove-scroll': fileURLToPath(new URL('src/ui/remove-scroll.tsx', import.meta.url)) },
  },
  plugins: [react(), tailwindcss(), envSettings(), packSdk(), compressFiles()],
  server: {
    port: 4401,
    proxy: { '/trpc': API_ORIGIN, '/v1': API_ORIGIN },
  },
  build: {
    target: 'es2022',
    // A content security policy without data: needs every asset as a file.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
