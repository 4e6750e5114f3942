"""Find free loopback ports."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that was free a moment ago; whoever takes it must be ready to try another."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Say whether ``port`` can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def first_free(port: int, *, tries: int = 50) -> int:
    """The first free port from ``port`` on, or any free one when ``tries`` in a row are taken."""
    return (
        next((candidate for candidate in range(port, min(port + tries, 65536)) if is_free(candidate)), 0) or free_port()
    )
