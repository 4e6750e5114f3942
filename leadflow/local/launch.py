"""Become another program: give up privileges, die with the parent, then ``exec``.

Runs as a script of its own (``python -I -S launch.py SPEC``), so that nothing has to happen between ``fork`` and
``exec`` inside a process that may have threads. Standard library only. SPEC is a JSON object:

``argv``     program and arguments, the program as an absolute path.
``parent``   pid of the parent; if that is already gone, nothing is started.
``signal``   the signal that the program gets when its parent dies.
``account``  ``[uid, gid]`` to run as, or null to stay as we are.
``search``   true when the account may not walk down to the program or its data: it then keeps one capability, to
             look up and read files, and no other.
"""

import ctypes
import json
import os
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
"""linux/prctl.h"""
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
"""linux/capability.h; containers usually grant the first and not the second."""
CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def main(spec: str) -> None:
    """Run the program that ``spec`` describes in place of this process."""
    wanted = json.loads(spec)
    if wanted["account"]:
        become(*wanted["account"], search=wanted["search"])
    # After the change of user: the kernel forgets the signal whenever credentials change.
    libc.prctl(PR_SET_PDEATHSIG, wanted["signal"], 0, 0, 0)
    if os.getppid() != wanted["parent"]:
        sys.exit("leadflow: the parent is gone, nothing was started")
    os.execv(wanted["argv"][0], wanted["argv"])  # noqa: S606 - no shell is the point


def become(uid: int, gid: int, *, search: bool) -> None:
    """Change to ``uid`` and ``gid`` for good, without supplementary groups."""
    libc.prctl(PR_SET_KEEPCAPS, int(search), 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if search and not any(keep_only(capability) for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)):
        sys.exit("leadflow: this system does not let a process keep the right to look up files after leaving root")


def keep_only(capability: int) -> bool:
    """Say whether ``capability`` is now the only one held, here and after ``exec``."""
    bit = 1 << capability
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    return (
        libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0
        and libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0
    )


if __name__ == "__main__":
    main(sys.argv[1])
