import { defineConfig } from 'vite';
import { tokensPlugin } from './tool/tokens.js';

export default defineConfig({
    base: './',
    publicDir: false,
    plugins: [tokensPlugin()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 200, rolldownOptions: { checks: { pluginTimings: false } } },
});
