"""AutoRec of items as a dense network in torch: when each epoch ended, and what it predicts of what was held out."""
import time

import numpy as np
import peer
import torch
from torch.nn import functional

request = peer.request
data = request["data"]
hidden, batch, epochs = request["hidden"], request["batchSize"], request["epochs"]
num_users, num_items = data["numUsers"], data["numItems"]
torch.set_num_threads(request["threads"])
torch.set_flush_denormal(True)
torch.manual_seed(1)


def indices(name):
    return torch.from_numpy(np.fromfile(f"{data['folder']}/{name}.bin", np.int32)).long()


users, items = indices("train-users"), indices("train-items")
ratings = torch.zeros(num_items, num_users)
ratings[items, users] = torch.from_numpy(np.fromfile(request["centred"], np.float32))
known = torch.zeros(num_items, num_users)
known[items, users] = 1
batches = torch.randperm(num_items).split(batch)
parts = [(ratings[rows], known[rows]) for rows in batches]  # copied once, not in each epoch
ratings_of_item = len(users) / num_items
weights = [torch.randn(hidden, num_users) * ratings_of_item**-0.5, torch.randn(num_users, hidden) * 0.1 * hidden**-0.5]
biases = [torch.zeros(hidden), torch.zeros(num_users)]
for parameter in weights + biases:
    parameter.requires_grad_(True)
groups = [{"params": weights, "weight_decay": request["weightDecay"]}, {"params": biases}]
optimizer = torch.optim.Adam(groups, lr=request["learningRate"], fused=True)


def reconstructed(rows):
    return functional.linear(torch.sigmoid(functional.linear(rows, weights[0], biases[0])), weights[1], biases[1])


stamps = []
begin = time.perf_counter()
for epoch in range(epochs):
    for group in optimizer.param_groups:
        group["lr"] = request["learningRate"] * (1 - epoch / epochs)
    for at in torch.randperm(len(parts)).tolist():
        rows, mask = parts[at]
        optimizer.zero_grad(set_to_none=True)
        reconstructed(rows).sub_(rows).mul_(mask).square().sum().backward()
        optimizer.step()
    stamps.append(time.perf_counter() - begin)
peer.finish(stamps=stamps, fitSeconds=stamps[-1])

with torch.no_grad():
    outputs = torch.cat([reconstructed(rows) for rows, _ in parts])
place = torch.empty(num_items, dtype=torch.long)
place[torch.cat(batches)] = torch.arange(num_items)
predictions = outputs[place[indices("test-items")], indices("test-users")].numpy()
least, most = request["range"]
peer.write("predictions", np.clip(predictions + np.fromfile(request["base"], np.float32), least, most))
