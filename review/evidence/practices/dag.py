def practices(source):
    yield from ()
