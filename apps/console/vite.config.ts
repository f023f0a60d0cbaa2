import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** The api that `vite` (development) talks to: the one of `npm start`. */
const API_ORIGIN = 'http://localhost:4400';

/** `vite --mode fake` answers tRPC from dev/fake-api.ts, so that a page can be drawn without a server. Never in a build. */
function fakeApi(): Plugin {
  return {
    name: 'outlay-fake-api',
    apply: 'serve',
    async configureServer(server) {
      const { answerFakeApi } = await import('./dev/fake-api');
      server.middlewares.use(answerFakeApi);
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), ...(mode === 'fake' ? [fakeApi()] : [])],
  server: {
    port: 4401,
    proxy: mode === 'fake' ? {} : { '/trpc': API_ORIGIN, '/v1': API_ORIGIN },
  },
  build: {
    target: 'es2022',
    // A content security policy without data: needs every asset as a file.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
}));
