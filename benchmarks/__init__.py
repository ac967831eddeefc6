"""Measured claims: `make bench`. A file a claim; each compares with a floor or a peer measured in the same run."""
