def python_practices(source):
    yield from ()


def scala_practices(source):
    yield from ()
