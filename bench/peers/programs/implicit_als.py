"""A fit of implicit's alternating least squares: when each epoch ended, and the factors."""
import time

import peer
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

request = peer.request
data = request["data"]
users, items, values = peer.triples("train")
interactions = csr_matrix((values * 0 + 1, (users, items)), shape=(data["numUsers"], data["numItems"]))
model = AlternatingLeastSquares(
    factors=request["factors"],
    regularization=request["regularization"],
    alpha=request["alpha"],
    iterations=request["epochs"],
    use_cg=request["solver"] == "conjugateGradient",
    num_threads=request["threads"],
    random_state=1,
)
stamps = []
begin = time.perf_counter()
model.fit(interactions, show_progress=False, callback=lambda *_: stamps.append(time.perf_counter() - begin))
seconds = time.perf_counter() - begin
peer.write("userFactors", model.user_factors)
peer.write("itemFactors", model.item_factors)
peer.finish(stamps=stamps, fitSeconds=seconds)
