"""A model of given factors saved by implicit, or loaded and asked once."""
import os
import time

import numpy as np
import peer
from implicit.cpu.als import AlternatingLeastSquares

request = peer.request
path = request["path"]
factors = request["factors"]


def ask(model):
    items, scores = model.recommend(0, None, N=10, filter_already_liked_items=False)
    return {"items": items.tolist(), "scores": scores.tolist()}


def save_once(model):
    if not request["synced"]:
        model.save(path)
        return
    with open(path, "wb") as file:
        model.save(file)
        file.flush()
        os.fsync(file.fileno())


def save():
    model = AlternatingLeastSquares(factors=factors)
    model.user_factors = np.fromfile(request["userFactors"], np.float32).reshape(-1, factors)
    model.item_factors = np.fromfile(request["itemFactors"], np.float32).reshape(-1, factors)
    seconds = []
    for _ in range(request["saves"]):
        begin = time.perf_counter()
        save_once(model)
        seconds.append(time.perf_counter() - begin)
    peer.finish(seconds=seconds, answer=ask(model), fileBytes=os.path.getsize(path))


def load():
    begin = time.perf_counter()
    model = AlternatingLeastSquares.load(path)
    answer = ask(model)
    seconds = time.perf_counter() - begin
    if answer != request["expected"]:
        raise ValueError(f"a loaded model must answer {request['expected']}, got {answer}")
    shapes = (model.user_factors.shape, model.item_factors.shape)
    if shapes != ((request["numUsers"], factors), (request["numItems"], factors)):
        raise ValueError(f"{path} holds a model of another size")
    peer.finish(seconds=seconds)


save() if request["action"] == "save" else load()
