"""Runs for others to find: listed, put on a plain site, served; reads what stands on disk and draws nothing."""
