/** The process that writes a district's files and tells its parent of each one that is whole. Started by `Generator`. */
import { generateDistrict } from './generate.ts';

export interface GeneratorInput {
  scale: number;
  seed: number;
  out: string;
}
/** A layer that is written, or how many there are when all are. */
export type GeneratorMessage = { written: string } | { layers: number };

function tell(message: GeneratorMessage): void {
  process.send?.(message);
}

process.once('disconnect', () => process.exit(1));
const input = JSON.parse(process.argv[2] ?? '') as GeneratorInput;
const manifest = await generateDistrict({ ...input, onWritten: ({ id }) => tell({ written: id }) });
tell({ layers: Object.keys(manifest.layers).length });
process.removeAllListeners('disconnect');
process.disconnect();
