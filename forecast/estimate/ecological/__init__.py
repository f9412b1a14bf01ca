"""Matrices of transfers from votes by unit in two rounds: estimates, bounds and draws; knows no race.

Two models of the same tables are put together (`tables`, `logistic`), drawn towards what is known before (`prior`), and
drawn many times within the data's margins (`draws`).  `transfers` is the one that others call.
"""
