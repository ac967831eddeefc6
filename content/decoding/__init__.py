"""Uploads are decoded, and written anew, in a process of their own: see `child`."""
