// Reads an OGC API by @camptocamp/ogc-client and prints what it found as JSON: ogc-client-read.mjs URL COLLECTION BBOX
import { OgcApiEndpoint } from '@camptocamp/ogc-client';

const [url, collection, bbox] = process.argv.slice(2);
const endpoint = new OgcApiEndpoint(url);
const info = await endpoint.getCollectionInfo(collection);
const ids = [];
for (;;) {
  const page = await endpoint.getCollectionItems(collection, 300, ids.length);
  if (page.length === 0) break;
  ids.push(...page.map(({ id }) => id));
}
const box = bbox.split(',').map(Number);
const inBox = await endpoint.getCollectionItems(collection, 1000, 0, undefined, undefined, box);
const found = {
  title: (await endpoint.info).title,
  hasFeatures: await endpoint.hasFeatures,
  collections: await endpoint.featureCollections,
  queryables: info.queryables.map(({ name }) => name),
  ids,
  inBox: inBox.length,
  tileCollections: await endpoint.vectorTileCollections,
  tileSet: await (await fetch(await endpoint.getVectorTilesetUrl(collection))).json(),
};
console.log(JSON.stringify(found));
