class DomainError(Exception):
    """A rule said no. `str()` is a sentence fit to show to the person who asked."""

    code = "refused"
