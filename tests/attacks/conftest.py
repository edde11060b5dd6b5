"""What an attacker wants: code of theirs that runs, and a key that lies in the environment of a process."""

from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY = "quick-brown-k3y-of-the-team"
"""Of no form that our redaction knows: what is not shown was not read."""


@dataclass(frozen=True)
class Prize:
    """Where the attack's code lies, and what it leaves behind when it runs."""

    library: Path
    """A folder of Python modules; to load it is to have lost."""
    marker: Path

    @property
    def is_taken(self) -> bool:
        """Whether code of the attack has run."""
        return self.marker.exists()


@pytest.fixture
def prize(tmp_path: Path) -> Prize:
    library, marker = tmp_path / "evil", tmp_path / "taken"
    library.mkdir()
    (library / "evil_macros.py").write_text(f"open({str(marker)!r}, 'w').close()\n")
    return Prize(library, marker)
