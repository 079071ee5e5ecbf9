"""What the server holds before it forks a kernel: the imports that every section needs, and nothing of any run.

Imported by name, in the server alone. It must leave one thread and no state that a notebook could change for the next:
each kernel is a copy of this process and dies with its notebook.
"""

import os

# Threads do not survive a fork: none of the linear algebra, none of Arrow's memory.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")

import importlib  # noqa: E402
import pkgutil  # noqa: E402

import ipykernel.ipkernel  # noqa: E402, F401
import ipykernel.kernelapp  # noqa: E402, F401
import matplotlib.backends.backend_svg  # noqa: E402, F401
import matplotlib.figure  # noqa: E402, F401
import seaborn  # noqa: E402, F401

import highneeds.sections  # noqa: E402

for _module in pkgutil.iter_modules(highneeds.sections.__path__):
    importlib.import_module(f"highneeds.sections.{_module.name}")
