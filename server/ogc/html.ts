/** Plain pages for people who open an address of the OGC API in a browser: no script, every text escaped. */

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Addresses become links when they lead to the web; `javascript:` in a value must not. */
function text(value: unknown): string {
  if (value === null || value === undefined) return '–';
  const plain = typeof value === 'string' ? value : JSON.stringify(value);
  return typeof value === 'string' && /^https?:\/\/[^\s{]+$/.test(value)
    ? `<a href="${escape(value)}">${escape(value)}</a>`
    : escape(plain);
}

function linkList(links: readonly unknown[]): string {
  const items = links.filter(isRecord).map((link) => {
    const title = `${String(link.rel)}: ${String(link.title ?? link.type ?? '')}`;
    return link.templated === true
      ? `<li>${escape(title)} <code>${escape(String(link.href))}</code></li>`
      : `<li><a href="${escape(String(link.href))}" rel="${escape(String(link.rel))}">${escape(title)}</a></li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

/** Records as a table, one column for each key that any of them has. */
function table(rows: readonly Record<string, unknown>[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = names.map((name) => `<th scope="col">${escape(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${names.map((name) => `<td>${cell(name, row[name])}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function cell(name: string, value: unknown): string {
  if (name === 'links' && Array.isArray(value)) return linkList(value);
  return isRecord(value) || Array.isArray(value) ? `<code>${escape(JSON.stringify(value))}</code>` : text(value);
}

function section(name: string, value: unknown): string {
  if (name === 'links' && Array.isArray(value)) return linkList(value);
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isRecord)) return table(value);
    return `<ul>${value.map((item) => `<li>${text(item)}</li>`).join('')}</ul>`;
  }
  return isRecord(value) ? definitions(value) : `<p>${text(value)}</p>`;
}

function definitions(record: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(record).map(
    ([name, value]) => `<dt>${escape(name)}</dt><dd>${section(name, value)}</dd>`,
  );
  return `<dl>${parts.join('')}</dl>`;
}

/** Features as rows of their properties; the geometry only by its type. */
function flattened(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (!Array.isArray(body.features)) return { ...body };
  const features = body.features.filter(isRecord).map((feature) => ({
    id: feature.id,
    geometry: isRecord(feature.geometry) ? feature.geometry.type : null,
    ...(isRecord(feature.properties) ? feature.properties : {}),
  }));
  return { ...body, features };
}

/** The page of an answer: what its JSON says, to read. */
export function toHtml(title: string, body: Readonly<Record<string, unknown>>): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}</title><style>body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:80rem;padding:0 1rem}
dt{font-weight:600}dd{margin:0 0 .5rem 1rem;overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;vertical-align:top}
ul{margin:0;padding-left:1.2rem}code{word-break:break-all}</style></head><body><main><h1>${escape(title)}</h1>${definitions(flattened(body))}</main></body></html>`;
}
