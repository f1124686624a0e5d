import { rmSync } from 'node:fs';

/** Removes the database that the run made for itself. */
export default function removeDataDir(): void {
  const dataDir = process.env['E2E_DATA_DIR'];
  if (dataDir?.includes('one-map-e2e-')) rmSync(dataDir, { recursive: true, force: true });
}
