"""Reads pages of a file at random, past the system's cache: pages.py FILE COUNT. Prints the median and the 99th percentile, in microseconds."""

import mmap
import os
import random
import sys
import time

path, count = sys.argv[1], int(sys.argv[2])
file = os.open(path, os.O_RDONLY | os.O_DIRECT)
pages = os.fstat(file).st_size // 4096
buffer = mmap.mmap(-1, 4096)
times = []
for _ in range(count):
    place = random.randrange(pages) * 4096
    begun = time.perf_counter_ns()
    os.preadv(file, [buffer], place)
    times.append((time.perf_counter_ns() - begun) / 1000)
times.sort()
print(f"{times[count // 2]:.0f} {times[count * 99 // 100]:.0f}")
