"""The same plan on many hosts: a client that plans, Dask that places, workers that build, a registry that carries.

Only small values go through Dask: which step of which signed plan. What a step is made of lies in the registry by
digest, and so do images, by fingerprint. A step is done when its image can be pulled from there. So any step can be
done again, by another worker or by a later run, and finds what is done already.
"""
