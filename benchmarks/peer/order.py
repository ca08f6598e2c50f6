"""Kolla's own queue and threads on images that only take time: run by the peer's Python, for scheduler.py.

Arguments: the graph, the durations, a scale (seconds are divided by it) and the number of threads. Prints the seconds
from the first start to the last end. Nothing is rendered and no engine is asked.
"""

import json
import logging
import queue
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from kolla.image import build, tasks
from kolla.image.utils import Status


def main():
    graph, durations, scale, threads = sys.argv[1:]
    parents, seconds = (json.loads(Path(file).read_text()) for file in (graph, durations))
    tasks.BuildTask.builder = lambda _self, image: take(image, seconds[image.name] / float(scale))
    images = {name: image_of(name) for name in parents}
    for name, parent in parents.items():
        if parent:
            images[parent].children.append(images[name])
    conf = SimpleNamespace(keep=False, retries=0, push=False, engine="docker", buildkit=True)
    waiting = queue.Queue()
    for name, parent in parents.items():
        if not parent:
            waiting.put(tasks.BuildTask(conf, images[name], queue.Queue()))
    workers = [build.WorkerThread(conf, waiting) for _ in range(int(threads))]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    waiting.join()
    print(time.perf_counter() - began)
    waiting.put(build.WorkerThread.tombstone)
    assert all(image.status == Status.BUILT for image in images.values())


def image_of(name):
    return SimpleNamespace(name=name, status=Status.MATCHED, children=[], logger=logging.getLogger(name))


def take(image, seconds):
    time.sleep(seconds)
    image.status = Status.BUILT


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main()
