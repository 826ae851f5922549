"""The operators that have state, each a stage of its own: how a delta is applied to what is stored."""
