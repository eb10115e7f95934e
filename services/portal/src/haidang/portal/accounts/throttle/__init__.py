"""Growing delays after failures, which strangers cannot use to lock anybody out."""
