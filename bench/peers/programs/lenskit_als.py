"""A fit of LensKit's alternating least squares of ratings, from their triples, and its predictions of what was held out."""
import time

import numpy as np
import pandas as pd
import peer
from lenskit.als import BiasedMFScorer
from lenskit.data import from_interactions_df
from lenskit.parallel import initialize
from lenskit.training import TrainingOptions

request = peer.request
initialize(threads=request["threads"], backend_threads=1)
users, items, values = peer.triples("train")
scorer = BiasedMFScorer(
    embedding_size=request["factors"],
    epochs=request["epochs"],
    regularization=request["regularization"],
    damping=request["damping"],
)
begin = time.perf_counter()
ratings = from_interactions_df(pd.DataFrame({"user_id": users, "item_id": items, "rating": values}))
scorer.train(ratings, TrainingOptions(rng=1))
seconds = time.perf_counter() - begin
peak = peer.peak_memory()


def rows(numbers, biases, factors):
    """Biases and factors of numbers in LensKit's vocabulary, nothing for those it has not seen."""
    known = numbers >= 0
    return np.where(known, biases[numbers], 0), np.where(known[:, None], factors[numbers], 0)


users, items, _ = peer.triples("test")
bias = scorer.bias
user_numbers = scorer.users.numbers(users, missing="negative")
item_numbers = scorer.items.numbers(items, missing="negative")
user_biases, user_factors = rows(user_numbers, bias.user_biases, scorer.user_embeddings)
item_biases, item_factors = rows(item_numbers, bias.item_biases, scorer.item_embeddings)
scores = bias.global_bias + user_biases + item_biases + np.einsum("rf,rf->r", user_factors, item_factors)
peer.write("predictions", np.clip(scores, values.min(), values.max()))
peer.finish(stamps=[], fitSeconds=seconds, peakMemoryBytes=peak)
