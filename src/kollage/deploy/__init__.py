"""A cloud from the images: one machine, every service in a container of its own.

`facts` reads what the catalogue says, `cloud` decides what is launched, `steps` what has to be done, and `launch` does
it with a `runner`; `verbs` puts them together.
"""
