module nonewprivs

go 1.26
