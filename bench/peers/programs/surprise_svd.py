"""A fit of Surprise's SVD, which prints a line as each epoch begins, and its predictions of what was held out."""
import time

import numpy as np
import peer
from surprise import SVD, Dataset, Reader

request = peer.request
users, items, values = peer.triples("train")
scale = (float(values.min()), float(values.max()))
ratings = list(zip(users.tolist(), items.tolist(), values.tolist(), [None] * len(values)))
train = Dataset(Reader(rating_scale=scale)).construct_trainset(ratings)
model = SVD(n_factors=request["factors"], n_epochs=request["epochs"], random_state=1, verbose=True)
peer.begin()
begin = time.perf_counter()
model.fit(train)
seconds = time.perf_counter() - begin
peak = peer.peak_memory()


def rows(raw, known, biases, factors):
    """Biases and factors of the data's numbers in Surprise's own order, nothing for those it has not seen."""
    inner = np.array([known.get(number, -1) for number in raw])
    seen = inner >= 0
    return np.where(seen, biases[inner], 0), np.where(seen[:, None], factors[inner], 0)


users, items, _ = peer.triples("test")
user_biases, user_factors = rows(users, train._raw2inner_id_users, model.bu, model.pu)
item_biases, item_factors = rows(items, train._raw2inner_id_items, model.bi, model.qi)
scores = train.global_mean + user_biases + item_biases + np.einsum("rf,rf->r", user_factors, item_factors)
peer.write("predictions", np.clip(scores, values.min(), values.max()))
peer.finish(fitSeconds=seconds, peakMemoryBytes=peak)
