/** Builds the portal: static files below `/ui/`, which work under a strict Content-Security-Policy. */
import { join } from 'node:path'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [
    react(),
    // The portal speaks English; React Aria brings its words in some thirty languages.
    { ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' },
  ],
  build: {
    outDir: join(import.meta.dirname, '../dist/site/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: neither data: scripts nor data: pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
