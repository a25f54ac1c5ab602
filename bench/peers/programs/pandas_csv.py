"""A file of ratings read by pandas, and made a sparse matrix by user; the sums by which it shows what it read."""
import time

import numpy as np
import pandas as pd
import peer
from scipy.sparse import csr_matrix

TYPES = {"userId": np.int32, "movieId": np.int32, "rating": np.float32, "timestamp": np.int64}

request = peer.request
if request["engine"] == "pyarrow":
    import pyarrow.csv  # pandas would import it in the call that is timed

begin = time.perf_counter()
ratings = pd.read_csv(request["path"], engine=request["engine"], dtype=TYPES if request["typed"] else None)
users, user_ids = pd.factorize(ratings["userId"])
items, item_ids = pd.factorize(ratings["movieId"])
shape = (len(user_ids), len(item_ids))
matrix = csr_matrix((ratings["rating"].to_numpy(np.float32), (users, items)), shape=shape)
seconds = time.perf_counter() - begin
peak = peer.peak_memory()

# by the same indices, so in the same order; 0 must not be left out
timestamps = csr_matrix((ratings["timestamp"].to_numpy(np.int64), (users, items)), shape=shape)
row_users = np.repeat(np.asarray(user_ids, np.int64), np.diff(matrix.indptr))
row_items = np.asarray(item_ids, np.int64)[matrix.indices]
values = matrix.data.astype(np.float64)
mixed = float((values * ((row_users + 17 * row_items + timestamps.data) % 1009)).sum())
sums = {
    "rows": int(matrix.nnz),
    "users": int(row_users.sum()),
    "items": int(row_items.sum()),
    "values": float(values.sum()),
    "mixed": mixed,
}
peer.finish(seconds=seconds, peakMemoryBytes=peak, sums=sums)
