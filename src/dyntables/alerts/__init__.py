"""Alerts as pure functions: values in, decisions out; the time is passed in, and nothing is read or written."""
