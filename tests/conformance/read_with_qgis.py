"""Opens our OGC API with the drivers of QGIS, headless, and holds what they read against what the API says.

    QT_QPA_PLATFORM=offscreen /usr/bin/python3 read_with_qgis.py http://127.0.0.1:8080 layer:field:value ...

Prints a line for each check, and `N passed, N failed` at the end.
"""

import json
import os
import sys
import urllib.parse
import urllib.request

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

api, *asked = sys.argv[1:]
passed = failed = 0


def check(name, is_right, found):
    global passed, failed
    passed, failed = passed + bool(is_right), failed + (not is_right)
    print(f"{'ok' if is_right else 'FAILED'}  {name}: {found}")


def read(path, **parameters):
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{api}{path}?{query}") as answer:
        return json.load(answer)


QgsApplication.setPrefixPath("/usr", True)
application = QgsApplication([], True)
application.initQgis()
print(f"QGIS {Qgis.QGIS_VERSION}")
for each in asked:
    layer_id, field, value = each.split(":", 2)
    items = f"/api/ogc/collections/{layer_id}/items"
    source = f"typename='{layer_id}' url='{api}/api/ogc'"
    layer = QgsVectorLayer(source, layer_id, "OAPIF")
    check(f"{layer_id} opens", layer.isValid(), source)
    if not layer.isValid():
        continue
    whole = read(items, limit=1)["numberMatched"]
    got = list(layer.getFeatures())
    check(f"{layer_id} has all features", len(got) == whole, f"{len(got)} of {whole}")
    have_places = all(feature.hasGeometry() for feature in got)
    names = {attribute.name() for attribute in layer.fields()}
    check(f"{layer_id} has places and the field {field}", have_places and field in names, sorted(names)[:4])

    some = read(items, limit=1, **{field: value})["numberMatched"]
    request = QgsFeatureRequest().setFilterExpression(f"\"{field}\" = '{value}'")
    matching = sum(1 for _ in layer.getFeatures(request))
    check(f"{layer_id} with {field}={value}", matching == some and some > 0, f"{matching} of {some}")

    west, south, east, north = read(f"/api/ogc/collections/{layer_id}")["extent"]["spatial"]["bbox"][0]
    middle = [(3 * west + east) / 4, (3 * south + north) / 4, (west + 3 * east) / 4, (south + 3 * north) / 4]
    inside = read(items, limit=1, bbox=",".join(map(str, middle)))["numberMatched"]
    boxed = QgsFeatureRequest().setFilterRect(QgsRectangle(*middle)).setFlags(QgsFeatureRequest.ExactIntersect)
    count = sum(1 for _ in layer.getFeatures(boxed))
    check(f"{layer_id} in a box", count == inside and inside > 0, f"{count} of {inside}")

    tilejson = read(f"/api/layers/{layer_id}/tilejson")
    template = urllib.parse.quote(tilejson["tiles"][0], safe=":/{}")
    zooms = f"zmin={tilejson['minzoom']}&zmax={tilejson['maxzoom']}"
    tiles = QgsVectorTileLayer(f"type=xyz&url={template}&{zooms}", layer_id)
    check(f"{layer_id} as vector tiles", tiles.isValid(), zooms)
    # What it draws of them: a picture that is not empty.
    settings = QgsMapSettings()
    settings.setLayers([tiles])
    settings.setDestinationCrs(tiles.crs())
    to_tiles = QgsCoordinateTransform(layer.crs(), tiles.crs(), QgsProject.instance())
    settings.setExtent(to_tiles.transformBoundingBox(QgsRectangle(*middle)))
    settings.setOutputSize(QSize(512, 512))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    drawn = sum(picture.pixel(x, y) & 0xFFFFFF != 0xFFFFFF for x in range(512) for y in range(512))
    check(f"{layer_id} drawn from tiles", drawn > 500, f"{drawn} of {512 * 512} pixels")
print(f"{passed} passed, {failed} failed")
sys.stdout.flush()
# QGIS does not survive the end of the interpreter: at once, without its destructors.
os._exit(1 if failed else 0)
