"""A fit of LIBMF through its interface for C, from the library that the request names; it prints a line an iteration."""
import ctypes
import time

import numpy as np
import peer

NODE = np.dtype([("u", np.int32), ("v", np.int32), ("r", np.float32)])


class Problem(ctypes.Structure):
    _fields_ = [("m", ctypes.c_int), ("n", ctypes.c_int), ("nnz", ctypes.c_longlong), ("nodes", ctypes.c_void_p)]


class Parameters(ctypes.Structure):
    """As mf.h of the version in use has them."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("fun", "k", "nr_threads", "nr_bins", "nr_iters")),
        *((name, ctypes.c_float) for name in ("lambda_p1", "lambda_p2", "lambda_q1", "lambda_q2", "eta")),
        *((name, ctypes.c_bool) for name in ("do_nmf", "quiet", "copy_data")),
    ]


class Model(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int) for name in ("fun", "m", "n", "k")),
        ("b", ctypes.c_float),
        *((name, ctypes.POINTER(ctypes.c_float)) for name in ("P", "Q")),
    ]


def nodes_of(part):
    """A part of the data as LIBMF wants it: a list of (u, v, r)."""
    users, items, values = peer.triples(part)
    nodes = np.empty(len(users), NODE)
    nodes["u"], nodes["v"], nodes["r"] = users, items, values
    return nodes


def problem_of(nodes):
    return Problem(data["numUsers"], data["numItems"], len(nodes), nodes.ctypes.data)


def train(library, problem, parameters):
    library.mf_train.argtypes = [ctypes.POINTER(Problem), Parameters]
    library.mf_train.restype = ctypes.POINTER(Model)
    return library.mf_train(problem, parameters)


def train_with_validation(library, problem, validation, parameters):
    library.mf_train_with_validation.argtypes = [ctypes.POINTER(Problem), ctypes.POINTER(Problem), Parameters]
    library.mf_train_with_validation.restype = ctypes.POINTER(Model)
    return library.mf_train_with_validation(problem, validation, parameters)


def predict(model, lowest, highest):
    """What mf_predict says of what is held out: p·q, or the mean for rows without data (NaN); clipped."""
    users, items, _ = peer.triples("test")
    p, q = (np.ctypeslib.as_array(rows, (count, model.k)) for rows, count in ((model.P, model.m), (model.Q, model.n)))
    scores = np.empty(len(users), np.float32)
    for begin in range(0, len(users), 100_000):
        part = slice(begin, begin + 100_000)
        scores[part] = np.einsum("ij,ij->i", p[users[part]], q[items[part]])
    return np.clip(np.where(np.isnan(scores), model.b, scores), lowest, highest)


request = peer.request
data = request["data"]
library = ctypes.CDLL(request["library"])
library.mf_get_default_param.restype = Parameters
parameters = library.mf_get_default_param()
parameters.k = request["factors"]
parameters.nr_threads = request["threads"]
parameters.nr_bins = request["bins"]
parameters.nr_iters = request["epochs"]
parameters.lambda_p2 = parameters.lambda_q2 = request["regularization"]
parameters.eta = request["learningRate"]
parameters.copy_data = False
nodes = nodes_of("train")
problem = problem_of(nodes)
held_out = nodes_of("test") if request.get("validate") else None
peer.begin()
begin = time.perf_counter()
if held_out is None:
    model = train(library, problem, parameters)
else:
    model = train_with_validation(library, problem, problem_of(held_out), parameters)
seconds = time.perf_counter() - begin
peer.finish(fitSeconds=seconds)
if "predictions" in request:
    peer.write("predictions", predict(model.contents, nodes["r"].min(), nodes["r"].max()))
