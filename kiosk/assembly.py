"""Builds a running station out of settings: real or simulated devices, store, networks."""
