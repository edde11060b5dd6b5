"""`python -I -m review`: the image's entrypoint."""

from review.cli import console

console()
