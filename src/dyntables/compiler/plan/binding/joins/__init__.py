"""Joins: inner ones of any arity, outer ones, LATERAL."""
