"""A model that lowrank saved, read in Python: one prediction, and the ten best items for the user.

    pip install numpy safetensors
    python3 examples/read_model.py movies.safetensors alice Alien
"""

import json
import sys

import numpy as np
from safetensors import safe_open


def read(path):
    """The tensors by name; the parameters, numbers, of which JSON writes infinite ones as text; and the options."""
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        parameters, options = (json.loads(file.metadata()[name]) for name in ("parameters", "options"))
    return tensors, {name: float(number) for name, number in parameters.items()}, options


def ids_of(tensors, side):
    """The ids of a side, "user" or "item", row by row: numbers, or texts one behind the other in UTF-8."""
    name = f"{side}_ids"
    if name in tensors:
        return tensors[name].tolist()
    text, ends = tensors[f"{name}.utf8"].tobytes(), tensors[f"{name}.offsets"]
    ids = [text[begin:end].decode() for begin, end in zip(ends[:-1], ends[1:])]
    is_number = tensors.get(f"{name}.is_number", np.zeros(len(ids)))
    return [float(id) if number else id for id, number in zip(ids, is_number)]


def row_of(ids, wanted):
    """The row of an id given as text: of the id itself, or of the number that it is the text of."""
    for row, id in enumerate(ids):
        if id == wanted:
            return row
    try:
        return ids.index(float(wanted))
    except ValueError:
        sys.exit(f"{wanted!r} is not in the model")


def scores_for(user, tensors, parameters):
    """offset + b_u + b_i + p_u·q_i of every item. Of AutoRec, p and q are codes and output weights."""
    user_factors = tensors["user_factors"][user].astype(np.float32)
    item_factors = tensors["item_factors"].astype(np.float32)
    return parameters["offset"] + tensors["user_bias"][user] + tensors["item_bias"] + item_factors @ user_factors


def ratings_of(scores, parameters, options):
    """What the model predicts: scores, or what AutoRec's output activation makes of them, clipped to its range."""
    activation = options.get("outputActivation", "identity")
    if activation == "relu":
        scores = parameters["link_lowest"] + parameters["link_scale"] * np.maximum(0, scores)
    elif activation != "identity":
        span = parameters["link_highest"] - parameters["link_lowest"]
        slope = {"sigmoid": 1 / 2, "tanh": 1}[activation]  # the logistic function of x is (1 + tanh(x / 2)) / 2
        scores = parameters["link_lowest"] + span * (1 + np.tanh(slope * scores)) / 2
    return np.clip(scores, parameters["lowest"], parameters["highest"])


def best(scores, user, tensors, count=10):
    """The items of the highest scores, those that the user has seen left out; ties by row."""
    seen = np.zeros(len(scores), dtype=bool)
    if "seen.offsets" in tensors:
        begin, end = tensors["seen.offsets"][user : user + 2]
        seen[tensors["seen.items"][begin:end]] = True
    order = np.argsort(-scores, kind="stable")
    return order[~seen[order]][:count]


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, user_id, item_id = sys.argv[1:]
    tensors, parameters, options = read(path)
    items = ids_of(tensors, "item")
    user, item = row_of(ids_of(tensors, "user"), user_id), row_of(items, item_id)
    scores = scores_for(user, tensors, parameters)
    ratings = ratings_of(scores, parameters, options)
    print(f"{ratings[item]:.6f}\tpredicted for {item_id}")
    for row in best(scores, user, tensors):
        print(f"{ratings[row]:.6f}\t{items[row]}")
