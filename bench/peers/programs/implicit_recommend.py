"""The best items of every user by implicit, from given factors, seen ones left out: the whole call, after one for a few."""
import time

import numpy as np
import peer
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

request = peer.request
data = request["data"]
users, items, values = peer.triples("train")
seen = csr_matrix((values, (users, items)), shape=(data["numUsers"], data["numItems"]))
model = AlternatingLeastSquares(factors=request["factors"], num_threads=request["threads"])
model.user_factors = np.fromfile(request["userFactors"], np.float32).reshape(-1, request["factors"])
model.item_factors = np.fromfile(request["itemFactors"], np.float32).reshape(-1, request["factors"])


def recommend(count):
    return model.recommend(np.arange(count), seen[:count], N=request["count"], filter_already_liked_items=True)


recommend(request["warmUp"])
begin = time.perf_counter()
items, scores = recommend(data["numUsers"])
seconds = time.perf_counter() - begin
peak = peer.peak_memory()
items[scores == -np.finfo(np.float32).max] = -1  # fills up short lists with seen items, at the least score there is
np.ascontiguousarray(items, np.int32).tofile(request["lists"])
peer.finish(seconds=seconds, peakMemoryBytes=peak)
