"""The parts of compare.py: a network of its own, the servers in it, the works, the peers, how each is measured."""
