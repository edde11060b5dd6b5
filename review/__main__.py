"""`python -P -m review`: the image's entrypoint."""

import sys

from review.cli import main

sys.exit(main())
