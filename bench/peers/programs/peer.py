"""What the programs of Python's peers share: the request, the data, the result."""
import json
import sys

import numpy as np

request = json.loads(sys.argv[1])


def triples(part):
    """Rows, columns and values of a part, "train" or "test", of the request's data set."""
    path = f"{request['data']['folder']}/{part}-"
    users, items = (np.fromfile(f"{path}{name}.bin", np.int32) for name in ("users", "items"))
    return users, items, np.fromfile(f"{path}values.bin", np.float32)


def begin():
    """Tells the bench that the work begins now."""
    print("BEGIN", flush=True)


def peak_memory():
    """The peak of resident memory until now, in bytes, as Linux keeps it."""
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024


def finish(**result):
    """Prints the result, and with it the peak of resident memory unless the result tells it."""
    print("RESULT " + json.dumps({"peakMemoryBytes": peak_memory(), **result}), flush=True)


def write(name, numbers):
    """Writes numbers as float32 where the bench looks for them."""
    np.ascontiguousarray(numbers, np.float32).tofile(request[name])
