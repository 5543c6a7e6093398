import {defineConfig} from 'vite';

// `npx vite web` shows the page while it is being changed; what it asks goes to a `hasten serve` on its usual port.
const server = process.env.HASTEN_URL ?? 'http://127.0.0.1:8080';
const paths = ['/v1', '/hasten', '/props', '/tokenize', '/health', '/slots', '/metrics'];

export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    assetsDir: 'page',
    assetsInlineLimit: 0,  // data: addresses would need a wider Content-Security-Policy
    modulePreload: {polyfill: false},
    reportCompressedSize: false,
    emptyOutDir: true,
  },
  server: {proxy: Object.fromEntries(paths.map((path) => [path, {target: server, changeOrigin: true, headers: {origin: server}}]))},
});
