import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Packages that change together travel together: a release of ours does not make every wall fetch MapLibre again. */
const groups = [
  // Small things that everybody needs: without a place of their own a group below swallows them with its dependencies,
  // and every view would load the charts.
  {
    name: 'base',
    test: /vite[\\/]preload-helper|node_modules[\\/](clsx|use-sync-external-store|zustand|@babel|tslib)[\\/]/,
    priority: 60,
  },
  { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 50 },
  { name: 'maplibre', test: /node_modules[\\/](maplibre-gl|@maplibre)[\\/]/, priority: 40 },
  {
    name: 'deck',
    test: /node_modules[\\/](@deck\.gl|@luma\.gl|@math\.gl|@loaders\.gl|mjolnir\.js|@probe\.gl)[\\/]/,
    priority: 30,
  },
  {
    name: 'charts',
    test: /node_modules[\\/](recharts|d3-[a-z]+|victory-vendor|@reduxjs|es-toolkit|immer)[\\/]/,
    priority: 20,
  },
  { name: 'geo', test: /node_modules[\\/]h3-js[\\/]/, priority: 10 },
];

export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // MapLibre and deck.gl are larger than the default warning limit and load in parallel.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: {
    host: '127.0.0.1',
    // With the slash: modules of the dashboard are called api.ts, too.
    proxy: { '^/api/': { target: `http://127.0.0.1:${process.env['PORT'] ?? 8080}`, changeOrigin: true } },
  },
});
