"""AutoRec as a dense network in torch: when each epoch ended, and what it predicts of what was held out."""
import time

import numpy as np
import peer
import torch
from torch.nn import functional

request = peer.request
data = request["data"]
torch.set_num_threads(request["threads"])
torch.set_flush_denormal(True)
torch.manual_seed(1)
users, items, values = peer.triples("train")
num_users, num_items, hidden = data["numUsers"], data["numItems"], request["hidden"]


def damped_biases(values, mean):
    """Biases of items and of users, solved for in turn as if each row had 5 more ratings, all as expected."""
    item_counts, user_counts = (np.bincount(rows, minlength=size) + 5 for rows, size in sides)
    item_biases, user_biases = np.zeros(num_items), np.zeros(num_users)
    for _ in range(10):
        item_biases = np.bincount(items, values - mean - user_biases[users], num_items) / item_counts
        user_biases = np.bincount(users, values - mean - item_biases[items], num_users) / user_counts
    return item_biases, user_biases
