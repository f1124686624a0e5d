import { pino } from 'pino';
import { initialsOf } from '../../server/search/readings.ts';
import { createIndexSql, createTableSql } from '../../layers/ddl.ts';
import type { Field, Layer } from '../../layers/define.ts';
import { getLayer } from '../../layers/index.ts';
import { createCatalogue } from '../../server/catalogue.ts';
import type { Database } from '../../server/db/connect.ts';
import { createSearchIndex } from '../../server/search/search-index.ts';
import { randomNumbers } from '../server/layer-fixture.ts';
import { type Comparison, median, percentile, timed } from './measure.ts';

/** Rows of a whole district. */
const ADDRESSES = 640_000;
const ENTERPRISES = 280_000;
const PEOPLE = 1_300_000;
const QUERIES = 60;
const LIMIT = 8;

function slim(id: string, of: string, key: string, label: string): Layer {
  const layer = getLayer(of);
  const only = (names: string[]): Record<string, Field> =>
    Object.fromEntries(names.map((name) => [name, layer.fields[name] as Field]));
  const { search: _search, address: _address, place: _place, ...rest } = layer;
  return { ...rest, id, fields: only([key, label]), key, label };
}

const address = slim('bench_address', 'standard_address', 'address_code', 'full_name');
const enterprise: Layer = { ...slim('bench_enterprise', 'enterprise', 'uscc', 'name'), search: ['name', 'uscc'] };
const person = slim('bench_person', 'person', 'person_id', 'name');

const TOWNS = "array['祖庙街道','石湾镇街道','张槎街道','南庄镇']";
const ROADS =
  "array['人民路','季华六路','岭南大道','汾江中路','魁奇一路','文华北路','同济西路','绿景二路','亲仁路','普君南路','建新路','福宁路','城门头路','朝安南路','轻工三路','大福路']";
const WORDS =
  "array['佛山市','禅城区','恒丰','金利','华盛','顺达','永兴','鸿运','宏图','佳美','德力','新创','粤海','南粤','𠮷祥','瑞安','百川','联众','东升','天成']";
const TRADES = "array['陶瓷','五金','电子','服装','餐饮','物流','建材','机械','信息技术','医疗器械','食品','家具']";
const KINDS = "array['有限公司','股份有限公司','经营部','商行','厂','店']";
const SURNAMES = "array['陈','李','黄','张','梁','何','林','刘','吴','罗','冯','欧阳','区','邓','潘','霍']";
const GIVEN =
  "array['伟','强','敏','静','丽','军','杰','娟','艳','涛','明','超','秀英','建华','志强','晓燕','嘉欣','子轩','梓涵','浩然','淑贞','玉兰','国栋','美玲']";

/** One of a list, by a number of the row. */
function one(list: string, of: string): string {
  return `(${list})[1 + (${of}) % array_length(${list}, 1)]`;
}

/** A number of each row, far from those of its neighbours. */
function hash(prime: number): string {
  return `((n::int8 * ${prime} + n / 7) % 1000003)::int4`;
}

async function publish(db: Database, layer: Layer, rows: number, texts: [string, string]): Promise<void> {
  const [key, label] = texts;
  const { sql } = db;
  await sql.unsafe(createTableSql(layer, 'layers'));
  const [load] = await sql<[{ id: number }]>`
    insert into app.load (layer_id, source_file, status, rows_in, rows_accepted, valid_from)
    values (${layer.id}, 'bench', 'published', ${rows}, ${rows}, now()) returning load_id as id`;
  const fill = (text: string): string => text.replaceAll(/#(\d+)/g, (_, prime: string) => hash(Number(prime)));
  await sql.unsafe(`insert into layers.${layer.id} (fid, source_id, load_id, geom, ${Object.keys(layer.fields).join(', ')})
    select n, n::text, ${load.id}, st_setsrid(st_makepoint(113.0 + ${hash(7919)} % 1000 / 7000.0, 22.95 + ${hash(104729)} % 1000 / 7000.0), 4326),
      ${fill(key)}, ${fill(label)} from generate_series(1, ${rows}) n`);
  for (const statement of createIndexSql(layer, 'layers')) await sql.unsafe(statement);
  await sql.unsafe(`analyze layers.${layer.id}`);
  await sql`insert into app.layer_state (layer_id, load_id, rows) values (${layer.id}, ${load.id}, ${rows})`;
}

/** The search box against a plain `ILIKE '%…%'` over the same tables, one after the other. */
export async function benchSearch(
  db: Database,
  scale: number,
): Promise<{ comparisons: Comparison[]; notes: string[] }> {
  const { sql } = db;
  await publish(db, address, Math.round(ADDRESSES * scale), [
    `lpad(n::text, 12, '0')`,
    `'广东省佛山市禅城区' || ${one(TOWNS, '#31')} || ${one(ROADS, '#37')} || 1 + #41 % 300 || '号' || 1 + #43 % 12 || '座' || 100 * (1 + #47 % 30) + 1 + #53 % 6 || '房'`,
  ]);
  await publish(db, enterprise, Math.round(ENTERPRISES * scale), [
    `'91440604MA' || lpad(upper(to_hex(n)), 8, '0')`,
    `${one(WORDS, '#31')} || ${one(WORDS, '#37')} || ${one(TRADES, '#41')} || ${one(KINDS, '#43')}`,
  ]);
  await publish(db, person, Math.round(PEOPLE * scale), [
    `'P' || lpad(n::text, 9, '0')`,
    `${one(SURNAMES, '#31')} || ${one(GIVEN, '#37')}`,
  ]);
  const log = pino({ level: 'warn' });
  const catalogue = createCatalogue(sql, { log, defined: [address, enterprise, person] });
  const entries = await catalogue.list('staff');
  const index = createSearchIndex(db, catalogue, log, () => false);
  try {
    const started = performance.now();
    index.start();
    while (index.pending(entries).length > 0) await new Promise((done) => setTimeout(done, 100));
    const seconds = (performance.now() - started) / 1000;

    const random = randomNumbers(5);
    const sample = async (layer: Layer, field: string): Promise<string[]> => {
      const rows = await sql<{ text: string }[]>`
        select ${sql(field)} as text from ${sql(`layers.${layer.id}`)} order by fid * 7919 % 1000003 limit ${QUERIES}`;
      return rows.map(({ text }) => text);
    };
    const part = (text: string): string => {
      const characters = Array.from(text);
      const size = Math.min(characters.length, 4 + Math.floor(random() * 4));
      const from = Math.floor(random() * (characters.length - size + 1));
      return characters.slice(from, from + size).join('');
    };
    const addresses = await sample(address, 'full_name');
    const names = await sample(enterprise, 'name');
    const people = await sample(person, 'name');
    const kinds: [string, string[]][] = [
      ['part of a name or an address', [...names.map(part), ...addresses.map((text) => text.slice(9)).map(part)]],
      ['whole name of a person', people],
    ];
    const comparisons: Comparison[] = [];
    for (const [kind, texts] of kinds) {
      const ours: number[] = [];
      const reference: number[] = [];
      for (const text of texts) {
        ours.push(await timed(() => index.search(text, entries, LIMIT, null)));
        const pattern = `%${text}%`;
        reference.push(
          await timed(
            () => sql`
              (select fid, full_name as name from layers.bench_address where full_name ilike ${pattern} limit ${LIMIT})
              union all (select fid, name from layers.bench_enterprise where name ilike ${pattern} or uscc ilike ${pattern} limit ${LIMIT})
              union all (select fid, name from layers.bench_person where name ilike ${pattern} limit ${LIMIT})`,
          ),
        );
      }
      comparisons.push({
        name: `search, ${kind} (ILIKE)`,
        ours: `p50 ${median(ours).toFixed(1)} ms, p99 ${percentile(ours, 0.99).toFixed(1)} ms`,
        reference: `p50 ${median(reference).toFixed(1)} ms, p99 ${percentile(reference, 0.99).toFixed(1)} ms`,
        ratio: median(reference) / median(ours),
        target: 'p50 < 50 ms',
      });
    }
    const others: [string, string[]][] = [
      [
        'pinyin initials',
        names.map((name) =>
          Array.from(name, (each) => initialsOf(each)[0] ?? '')
            .join('')
            .slice(0, 6),
        ),
      ],
      ['one character wrong', names.map((name) => `${name.slice(0, 3)}龘${name.slice(4)}`)],
      ['address with parts missing', addresses.map((text) => text.replace(/^.*?(街道|镇)/, '').replace('座', '栋'))],
    ];
    const notes: string[] = [];
    for (const [kind, texts] of others) {
      const times: number[] = [];
      let found = 0;
      for (const text of texts) {
        times.push(
          await timed(async () => {
            if ((await index.search(text, entries, LIMIT, null)).length > 0) found++;
          }),
        );
      }
      notes.push(
        `search, ${kind}: p50 ${median(times).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms, ${found} of ${texts.length} found`,
      );
    }
    const { bytes, rows } = index.size();
    notes.push(
      `search index: ${rows} rows in ${seconds.toFixed(1)} s, ${(bytes / 2 ** 20).toFixed(0)} MiB (${(bytes / rows).toFixed(0)} bytes a row)`,
    );
    return { comparisons, notes };
  } finally {
    await index.close();
    await catalogue.close();
  }
}
