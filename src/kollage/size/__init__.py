"""Where the bytes of a root file system are: by folder, by what brought them, and which are there twice.

Every byte counts once. What has several names (hard links) counts under the first of them, and links count nothing.
"""

from kollage.size.change import Change, changes
from kollage.size.inventory import Duplicate, Inventory, Share, inventory
from kollage.size.tree import File, Tree, tree

__all__ = ["Change", "Duplicate", "File", "Inventory", "Share", "Tree", "changes", "inventory", "tree"]
