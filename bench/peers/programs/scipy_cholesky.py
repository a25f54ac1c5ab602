"""Systems solved by scipy, float32: cho_factor and cho_solve, or LAPACK's sposv, which does both in one call."""
import time

import numpy as np
import peer
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import sposv

request = peer.request
size = request["size"]
numbers = np.fromfile(request["systems"], np.float32).reshape(-1, size * (size + 1))
# LAPACK takes matrices column by column, and wants a copy of others; these are symmetric
matrices = [np.asfortranarray(row[: size * size].reshape(size, size)) for row in numbers]
rights = [row[size * size :].copy() for row in numbers]
solutions = [None] * len(numbers)


def solve_with_scipy(at):
    factor = cho_factor(matrices[at], check_finite=False)
    solutions[at] = cho_solve(factor, rights[at], check_finite=False)


def solve_with_lapack(at):
    _, solutions[at], info = sposv(matrices[at], rights[at])
    if info != 0:
        raise ValueError(f"system {at}: sposv ended with {info}")


solve = {"scipy": solve_with_scipy, "LAPACK": solve_with_lapack}[request["way"]]


def time_turns(turns):
    begin = time.perf_counter()
    for _ in range(turns):
        for at in range(len(numbers)):
            solve(at)
    return time.perf_counter() - begin


turns = 1
while time_turns(turns) < request["batchMs"] / 1e3:
    turns *= 2
seconds = [time_turns(turns) / (turns * len(numbers)) for _ in range(request["batches"])]
np.concatenate(solutions).astype(np.float64).tofile(request["solutions"])
peer.finish(seconds=seconds)
