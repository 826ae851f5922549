"""Differentiate plans: the delta of each operator."""
