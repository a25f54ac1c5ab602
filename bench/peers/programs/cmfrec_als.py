"""A fit of cmfrec's alternating least squares of ratings, from their triples, and what it predicts of what was held out."""
import time

import numpy as np
import peer
from cmfrec import CMF
from scipy.sparse import coo_matrix

request = peer.request
data = request["data"]
users, items, values = peer.triples("train")
model = CMF(
    method="als",
    k=request["factors"],
    lambda_=request["regularization"],
    scale_lam=True,
    niter=request["epochs"],
    use_cg=request["solver"] == "conjugateGradient",
    max_cg_steps=3,
    finalize_chol=False,
    precompute_for_predictions=False,
    nthreads=request["threads"],
    random_state=1,
)
begin = time.perf_counter()
model.fit(coo_matrix((values, (users, items)), shape=(data["numUsers"], data["numItems"])))
seconds = time.perf_counter() - begin
peak = peer.peak_memory()
# rows without ratings have factors of 0 but, in cmfrec, a bias of 1
model.user_bias_[np.bincount(users, minlength=data["numUsers"]) == 0] = 0
model.item_bias_[np.bincount(items, minlength=data["numItems"]) == 0] = 0
users, items, _ = peer.triples("test")
peer.write("predictions", np.clip(model.predict(users, items), values.min(), values.max()))
peer.finish(stamps=[], fitSeconds=seconds, peakMemoryBytes=peak)
