"""Where people went between two rounds, from both rounds' tables: `estimate` is the verb, the rest says its answer."""
