"""Stands for a forked program: the process that a test starts, waits for, signals and kills.

`python -I -S stand_in.py <address> <program> <arguments>`. It imports next to nothing: it is all that a start costs.
"""

import marshal
import os
import signal
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_SEQPACKET, SOL_SOCKET, socket


def main(address: str, arguments: list[str]) -> None:
    """Ask for the program, let go of the streams, and end as it ends."""
    door = socket(AF_UNIX, SOCK_SEQPACKET)
    door.connect(address)
    given = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2, os.open(".", os.O_RDONLY)))
    request = marshal.dumps((arguments, dict(os.environb)))
    door.sendmsg([request], [(SOL_SOCKET, SCM_RIGHTS, given)])
    for number in (0, 1, 2):
        os.close(number)
    pid = int(door.recv(32))
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(pid, number))
    status = int(door.recv(32))
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


main(sys.argv[1], sys.argv[2:])
