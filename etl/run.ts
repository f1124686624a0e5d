/** The command line: `npm run etl -- <command>`. One line per command; what they do is elsewhere. */
import { parseArgs } from 'node:util';
import type { Command } from './commands/arguments.ts';
import { LoadError } from './errors.ts';
import { STANDS_BACK, yieldToService } from './yield-to-service.ts';

const USAGE = `One Map 一张图: npm run etl -- <command>

  load <layer|department|all>...   装载部门交付的文件 load what departments delivered
       --force                     未变也重新装载 load also what is unchanged
       --from DIR                  交付目录 delivery folder (default: DATA_DIR/delivery)
       --crs CRS --encoding NAME   指明坐标系与编码 state CRS and encoding (default: the layer definition)
       --accept-change             行数变化过大也接受 accept a number of rows far from the last load's
  import <file|https://…>          导入任意文件或网址为用户图层 import any file or address as a layer of its own
       --name TITLE --id ID --crs CRS --encoding NAME --layer NAME --geometry point|line|polygon
  watch <dir>                      监视交付目录，有新文件即装载 watch a folder, load what is new in it
  demo                             生成并装载演示城区 generate and load the synthetic district
       --scale 0.1 --seed 1 --out DIR
  history [layer]                  列出各版本 list the versions that are kept
  history prune [--dry-run]        按保留规则删除旧版本 remove the versions that the policy lets go
  schedule run                     按更新周期装载有变化的文件 load what changed, by cadence, until stopped
           list | now <layer>...   查看 | 立即装载 show | load now
  report <load>                    显示一次装载的报告 show the report of a load
  rejects <load> --out DIR         按部门的格式写出退回的行 write the rows set aside in the department's format
  correct <load> <file>            用更正后的退回文件重新装载 load again with the mended rows
  attach <table> --definition FILE --out DIR   由服务调用：按编码挂接表格 for the service: a table joined to boundaries
  result <file> --definition FILE              由服务调用：装载分析结果 for the service: a result becomes a layer

  --json                           机器可读输出 machine-readable output
  --nice 0..19                     让位于服务的程度 how much to stand back for a service on this machine (default: 10)`;

/** Read when they are asked for: most of a short load would be the reading of what it does not need. */
const commands: Record<string, () => Promise<Command>> = {
  load: async () => (await import('./commands/load.ts')).loadCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  demo: async () => (await import('./commands/demo.ts')).demoCommand,
  history: async () => (await import('./commands/history.ts')).historyCommand,
  report: async () => (await import('./commands/report.ts')).reportCommand,
  schedule: async () => (await import('./commands/schedule.ts')).scheduleCommand,
  rejects: async () => (await import('./commands/rejects.ts')).rejectsCommand,
  correct: async () => (await import('./commands/correct.ts')).correctCommand,
  attach: async () => (await import('./commands/attach.ts')).attachCommand,
  result: async () => (await import('./commands/result.ts')).resultCommand,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      crs: { type: 'string' },
      encoding: { type: 'string' },
      name: { type: 'string' },
      id: { type: 'string' },
      layer: { type: 'string' },
      geometry: { type: 'string' },
      scale: { type: 'string' },
      seed: { type: 'string' },
      out: { type: 'string' },
      force: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      'accept-change': { type: 'boolean', default: false },
      role: { type: 'string' },
      definition: { type: 'string' },
      nice: { type: 'string', default: String(STANDS_BACK) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name, ...rest] = positionals;
  const read = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (values.help || read === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 2;
  }
  // Before anything is read: compiling the loader is a second's work.
  yieldToService(niceOf(values.nice));
  const command = await read();
  return command(rest, values);
}

function niceOf(text: string): number {
  if (/^1?\d$/.test(text)) return Number(text);
  throw new LoadError('BAD_USAGE', {
    zh: `--nice 应为 0 至 19，实为 ${text}。`,
    en: `--nice must be 0 to 19, not ${text}.`,
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof LoadError) {
    const { errorLines } = await import('./terminal.ts');
    process.stderr.write(`${errorLines('', error.code, error.text)}\n`);
    process.exitCode = error.code === 'BAD_USAGE' || error.code === 'UNKNOWN_LAYER' ? 2 : 1;
  } else {
    const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(
      isUsage
        ? `${(error as Error).message}\n\n${USAGE}\n`
        : `${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = isUsage ? 2 : 1;
  }
}
