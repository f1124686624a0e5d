"""Reads an OGC API by OWSLib and prints what it found as JSON: owslib_read.py URL COLLECTION BBOX"""

import json
import sys

from owslib.ogcapi.features import Features

url, collection, bbox = sys.argv[1], sys.argv[2], [float(number) for number in sys.argv[3].split(",")]
api = Features(url)
ids, page = [], api.collection_items(collection, limit=200)
matched = page["numberMatched"]
while page["features"]:
    ids += [feature["id"] for feature in page["features"]]
    page = api.collection_items(collection, limit=200, offset=len(ids))
item = api.collection_item(collection, str(ids[0]))
print(
    json.dumps(
        {
            "openapi": api.api()["openapi"],
            "conformsTo": api.conformance()["conformsTo"],
            "collections": api.feature_collections(),
            "matched": matched,
            "ids": ids,
            "item": item["id"],
            "inBox": api.collection_items(collection, bbox=bbox, limit=1)["numberMatched"],
            "queryables": list(api.collection_queryables(collection)["properties"]),
        }
    )
)
