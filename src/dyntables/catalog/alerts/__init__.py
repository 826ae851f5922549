"""Rows of alerts: rules, standings, silences, routes, channels, groups, outbox. The caller owns the transaction."""
