"""Makes spatial-statistics.json with PySAL: pip install esda libpysal; python spatial-statistics.make.py > spatial-statistics.json"""
import json, warnings
import numpy as np
import libpysal, esda
from scipy import stats

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
cases = []
for name, (rows, cols), rook in [("queen", (7, 8), False), ("rook", (6, 5), True)]:
    n = rows * cols
    y = rng.poisson(8, n) + np.where((np.arange(n) % cols < 3) & (np.arange(n) // cols < 3), 12, 0)
    w = libpysal.weights.lat2W(rows, cols, rook=rook)
    other = (y * 0.5 + rng.normal(0, 4, n)).round(3)
    # No two sums of neighbours are equal: how equal ones are counted is a matter of rounding.
    y = (y + rng.random(n)).round(4)
    wr = libpysal.weights.lat2W(rows, cols, rook=rook); wr.transform = "r"
    moran = esda.Moran(y, wr, transformation="r", permutations=0)
    wb = libpysal.weights.lat2W(rows, cols, rook=rook)
    g = esda.G_Local(y, wb, transform="B", star=True, permutations=0)
    local = esda.Moran_Local(y, wr, transformation="r", permutations=9999, seed=1)
    cases.append({
        "name": name, "values": y.tolist(), "neighbours": [sorted(int(k) for k in w.neighbors[i]) for i in range(n)],
        "moran": {"i": moran.I, "expected": moran.EI, "variance": moran.VI_rand, "z": moran.z_rand, "p": moran.p_rand},
        "gi": g.Zs.tolist(),
        "local": {"i": local.Is.tolist(), "q": [["HH", "LH", "LL", "HL"][q - 1] for q in local.q], "p": local.p_sim.tolist()},
        "other": other.tolist(), "pearson": stats.pearsonr(y, other)[0], "spearman": stats.spearmanr(y, other)[0],
        "fdr": float(esda.fdr(2 * stats.norm.sf(np.abs(g.Zs)), 0.05)),
    })
print(json.dumps({"made": f"esda {esda.__version__}, libpysal {libpysal.__version__}", "cases": cases}))
