"""The demonstration on TPC-H."""
